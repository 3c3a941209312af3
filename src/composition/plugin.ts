import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Configuration, Provider } from 'oidc-provider';
import type { Network } from '../clients/index.ts';
import type { Clock } from '../clock.ts';
import type { Revocation, RevocationFeed } from '../connections/index.ts';
import type { Directory, PasswordHasher } from '../directory/index.ts';
import type { Middleware } from '../http/index.ts';
import type { Events, Health, Log } from '../operations/index.ts';
import type { Store } from '../storage/index.ts';

/** What a caller may bring along; what it leaves out is built from the configuration. */
export interface Parts {
  readonly store?: Store;
  readonly directory?: Directory;
  /** How the built-in directory hashes passwords, e.g. those of another system; argon2id unless told. */
  readonly passwords?: PasswordHasher;
  readonly log?: Log;
  /** Of this process, and of a store that has none of its own; oidc-provider goes by the machine's, whatever this says. */
  readonly clock?: Clock;
  /** How hosts of client id metadata documents are found and reached. */
  readonly network?: Network;
}

/** For an oidc-provider that already runs: our decisions merged over its configuration, and installed in it. */
export interface Plugin {
  readonly issuer: string;
  /** Our configuration merged over yours, with our adapter in it; hand it to `new Provider(plugin.issuer, …)`. */
  configuration(yours?: Configuration): Configuration;
  /** Our grants, endpoints and pages, in front of the provider's routes. Before its first request. */
  install(provider: Provider): void;
  readonly directory: Directory;
  /**
   * For a directory of your own: tell it that a membership or an account has ended, and their tokens end, too. With it
   * what gateways follow, for one in this very process; its `close` ends the streams of all others.
   */
  readonly revocation: Revocation & { readonly feed: RevocationFeed };
  /** What happens here, as it does; docs/log.md lists it. */
  readonly events: Pick<Events, 'subscribe'>;
  /** Resolves when it can serve, for a probe of yours. */
  ping(): Promise<void>;
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
  readonly events: Plugin['events'];
  /** What it issues tokens for, each in its canonical spelling. */
  readonly resources: readonly string[];
  /**
   * For a directory of your own: tell it that a membership or an account has ended, and their tokens end, too. With it
   * what gateways follow, for one in this very process: close it before an HTTP server that is to stop.
   */
  readonly revocation: Plugin['revocation'];
  /** For `http.createServer`, Express, or anything else that takes a request listener. */
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /**
   * For an application with routes of its own: answers below `P/oauth/` (P: the path of the issuer) and the well-known
   * documents, and calls `next` for all others, `/healthz`, `/readyz` and `/metrics` among them, which are the host's.
   */
  middleware(): Middleware;
  /** Resolves when the store answers, for the host's own `/readyz`. */
  ping(): Promise<void>;
  /** The same for `METRICS_PORT`: `/metrics`, `/healthz`, `/readyz`. */
  operations(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly health: Health;
  close(): Promise<void>;
}
