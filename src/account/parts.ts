import type { Policy } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { ClientAddress, Render } from '../http/index.ts';
import type { Log } from '../operations/index.ts';
import type { Catalogue, NarrowToRole } from '../resources/index.ts';
import type { SessionCutoff, Sessions } from '../sessions/index.ts';
import type { SubmitSignIn } from '../sign-in/index.ts';
import type { Secrecy } from '../storage/index.ts';

/** What the account pages are made with. */
export interface AccountParts {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly directory: Directory;
  readonly submitSignIn: SubmitSignIn;
  readonly sessions: Sessions;
  readonly cutoff: SessionCutoff;
  readonly connections: Connections;
  readonly secrecy: Secrecy;
  readonly render: Render;
  readonly stylesheetPath: string;
  readonly clientAddress: ClientAddress;
  /** Of the session's cookie, wherever it is set. */
  readonly cookieProtection: { readonly httpOnly: true; readonly sameSite: 'lax'; readonly signed: true };
  readonly log: Log;
}
