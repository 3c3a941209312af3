import type { IdentifyClient } from '../clients/index.ts';
import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { FactorPages, Factors, SecondStep, TellOfFactors } from '../factors/index.ts';
import type { PageParts } from '../http/index.ts';
import type { Events } from '../operations/index.ts';
import type { Passwords } from '../passwords/index.ts';
import type { Catalogue, NarrowToRole } from '../resources/index.ts';
import type { SessionCutoff, Sessions } from '../sessions/index.ts';
import type { ConfirmPassword, SubmitSignIn, WaysIn } from '../sign-in/index.ts';
import type { Links } from './links.ts';

/** What the composition root hands in. */
export interface AccountPageParts extends PageParts {
  readonly policy: Pick<Policy, 'administrators' | 'brand' | 'lifetimes' | 'signIn'>;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly directory: Directory;
  readonly submitSignIn: SubmitSignIn;
  readonly confirmPassword: ConfirmPassword;
  readonly waysIn: WaysIn;
  /** Absent where accounts, or all passwords, are elsewhere. */
  readonly passwords?: Passwords | undefined;
  readonly secondStep: SecondStep;
  readonly factors: Factors;
  readonly factorPages: FactorPages;
  readonly tellOwner: TellOfFactors;
  readonly issuer: string;
  readonly sessions: Sessions;
  readonly cutoff: SessionCutoff;
  readonly connections: Connections;
  readonly identifyClient: IdentifyClient;
  readonly events: Events;
  readonly clock: Clock;
}

/** What the pages of the account are made with. */
export interface AccountParts extends AccountPageParts {
  readonly links: Links;
}
