import type { IdentifyClient } from '../clients/index.ts';
import type { Policy } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import type { FactorPages, Factors, SecondStep, TellOfFactors } from '../factors/index.ts';
import type { Passwords } from '../passwords/index.ts';
import type { Catalogue, NarrowToRole } from '../resources/index.ts';
import type { SessionCutoff } from '../sessions/index.ts';
import type { ConfirmPassword, PersonPageParts } from '../sign-in/index.ts';
import type { Links } from './links.ts';

/** What the composition root hands in. */
export interface AccountPageParts extends PersonPageParts {
  readonly policy: Pick<Policy, 'administrators' | 'brand' | 'lifetimes' | 'signIn'>;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly confirmPassword: ConfirmPassword;
  /** Absent where accounts, or all passwords, are elsewhere. */
  readonly passwords?: Passwords | undefined;
  readonly secondStep: SecondStep;
  readonly factors: Factors;
  readonly factorPages: FactorPages;
  readonly tellOwner: TellOfFactors;
  readonly cutoff: SessionCutoff;
  readonly connections: Connections;
  readonly identifyClient: IdentifyClient;
}

/** What the pages of the account are made with. */
export interface AccountParts extends AccountPageParts {
  readonly links: Links;
}
