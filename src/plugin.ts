import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import type { Configuration, Provider } from 'oidc-provider';
import type { Network } from './clients/index.ts';
import type { Endings, RevocationFeed } from './connections/index.ts';
import type { Directory } from './directory/index.ts';
import type { Log } from './operations/index.ts';
import type { Store } from './storage/index.ts';

/** What a caller may bring along; what it leaves out is built from the configuration. */
export interface Parts {
  readonly store?: Store;
  readonly directory?: Directory;
  readonly log?: Log;
  /** How hosts of client id metadata documents are found and reached. */
  readonly network?: Network;
}

export type MiddlewareName =
  | 'reference'
  | 'errors'
  | 'assets'
  | 'crossOrigin'
  | 'metadata'
  | 'registrationErrors'
  | 'clientCredentials'
  | 'removedClient'
  | 'authorizationRequest'
  | 'tokenAnswer'
  | 'reuse'
  | 'userinfo'
  | 'revocationFeed'
  | 'tokenRevocation'
  | 'introspection'
  | 'forwardAuthentication'
  | 'protectedResource'
  | 'interactions'
  | 'account';

/** What neither an option nor a middleware can say. */
export type AdjustmentName = 'publicUrls' | 'refreshSuccessors' | 'refreshGrant' | 'redirectUris' | 'logLines';

/** For a server of one's own: our decisions as pieces for an existing oidc-provider. */
export interface Plugin {
  readonly issuer: string;
  readonly store: Store;
  readonly directory: Directory;
  readonly log: Log;
  /** Our configuration merged over yours, with our adapter in it; hand it to `new Provider(plugin.issuer, …)`. */
  configuration(yours?: Configuration): Configuration;
  /** Our storage for a configuration and for pages of your own: it knows nothing of connections, so not for ours. */
  readonly adapter: NonNullable<Configuration['adapter']>;
  /** What we change of a provider before its first request, one by one, in the order in which `install` does it. */
  readonly adjustments: Record<AdjustmentName, (provider: Provider) => void>;
  /** Our middleware, one by one, in the order in which `install` uses them. */
  middleware(provider: Provider): Record<MiddlewareName, Middleware>;
  /** Everything at once: all adjustments, then all middleware. */
  install(provider: Provider): void;
  /** For a directory of your own: tell it that a membership or an account has ended, and their tokens end, too. */
  readonly endings: Endings;
  /** What gateways follow, for one in this very process; its `close` ends the streams of all others. */
  readonly revocationFeed: RevocationFeed;
  /** Closes the store, if the plugin opened it. */
  close(): Promise<void>;
}

/** The whole service. */
export interface AuthorizationServer {
  readonly issuer: string;
  /** A Koa application: `app.use(…)` puts middleware of your own in front of the protocol's routes. */
  readonly app: Provider;
  readonly directory: Directory;
  readonly log: Log;
  /** For a directory of your own: tell it that a membership or an account has ended, and their tokens end, too. */
  readonly endings: Endings;
  /** What gateways follow, for one in this very process. Close it before an HTTP server that is to stop. */
  readonly revocationFeed: RevocationFeed;
  /** For `http.createServer`, Express, or anything else that takes a request listener. */
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  close(): Promise<void>;
}
