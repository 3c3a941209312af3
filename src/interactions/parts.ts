import type Provider from 'oidc-provider';
import type { Policy } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { ClientAddress, Render } from '../http/index.ts';
import type { Log } from '../operations/index.ts';
import type { Catalogue, NarrowToRole } from '../resources/index.ts';
import type { Sessions } from '../sessions/index.ts';
import type { SubmitSignIn } from '../sign-in/index.ts';
import type { Secrecy } from '../storage/index.ts';

/** What the pages of the flow are made with. */
export interface FlowParts {
  readonly provider: Provider;
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly directory: Directory;
  readonly submitSignIn: SubmitSignIn;
  readonly sessions: Sessions;
  readonly connections: Connections;
  readonly secrecy: Secrecy;
  readonly render: Render;
  readonly stylesheetPath: string;
  readonly clientAddress: ClientAddress;
  readonly log: Log;
}
