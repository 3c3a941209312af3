import type Provider from 'oidc-provider';
import type { Policy } from '../config/index.ts';
import type { Connections } from '../connections/index.ts';
import type { Directory, SignIn } from '../directory/index.ts';
import type { ClientAddress, Render } from '../http/index.ts';
import type { Log } from '../operations/index.ts';
import type { Catalogue, NarrowToRole } from '../resources/index.ts';
import type { Secrecy } from '../storage/index.ts';

/** What the pages of the flow are made with. */
export interface FlowParts {
  readonly provider: Provider;
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly directory: Directory;
  readonly signIn: SignIn;
  /** When a session of this account begins, so that no earlier signing out everywhere ends it. */
  readonly signInTime: (accountId: string) => Promise<number>;
  readonly connections: Connections;
  /** How long a connection lives of which nothing was redeemed, in seconds. */
  readonly connectionTtl: number;
  readonly secrecy: Secrecy;
  readonly render: Render;
  readonly stylesheetPath: string;
  readonly clientAddress: ClientAddress;
  readonly log: Log;
}
