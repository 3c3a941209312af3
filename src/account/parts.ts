import type { IdentifyClient } from '../clients/index.ts';
import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { PageParts } from '../http/index.ts';
import type { Events } from '../operations/index.ts';
import type { Catalogue, NarrowToRole } from '../resources/index.ts';
import type { SessionCutoff, Sessions } from '../sessions/index.ts';
import type { SubmitSignIn, WaysIn } from '../sign-in/index.ts';
import type { Links } from './links.ts';

/** What the composition root hands in. */
export interface AccountPageParts extends PageParts {
  readonly policy: Pick<Policy, 'administrators' | 'brand' | 'lifetimes'>;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly directory: Directory;
  readonly submitSignIn: SubmitSignIn;
  readonly waysIn: WaysIn;
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
