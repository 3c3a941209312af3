/** What the operator decided, checked and frozen. Built by `loadConfig`; nothing else reads the environment. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The public identifier, byte for byte as clients compare it: no trailing slash. Absent: `http://localhost:<port>/mcp`. */
  readonly issuer: string | undefined;
  readonly store: StoreConfig;
  /** Absent: generated beside the database (development only). */
  readonly storeSecret: string | undefined;
  /** First signs, all verify. Absent: generated and kept in the store (development only). */
  readonly cookieKeys: readonly string[] | undefined;
  /** Path of a private JWKS. Absent: generated and kept, encrypted, in the store. */
  readonly signingKeysFile: string | undefined;
  /** Addresses and CIDRs whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly demo: boolean;
  readonly logLevel: LogLevel;
  /** Path of the file that `policy` was read from. */
  readonly policyFile: string;
  readonly policy: Policy;
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export type StoreConfig =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'redis'; readonly prefix: string; readonly connection: RedisConnection };

export type RedisConnection =
  | { readonly kind: 'single'; readonly url: string }
  | { readonly kind: 'cluster'; readonly nodes: readonly HostAndPort[]; readonly url?: string }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly HostAndPort[];
      readonly name: string;
      readonly url?: string;
    };

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** The content of `config/auth.json`. */
export interface Policy {
  readonly brand: { readonly name: string; readonly accentColor: string };
  /** Where a person without an organization gets one. */
  readonly organizationsUrl: string;
  readonly resources: readonly ResourcePolicy[];
  /** By role name: what a member of that role may grant. */
  readonly roles: Readonly<Record<string, RolePolicy>>;
  /** Roles whose members see and end the connections of everybody in their organization. */
  readonly administrators: readonly string[];
  readonly lifetimes: Lifetimes;
  /** What happens to a connection whose rotated refresh token comes back after the grace. */
  readonly refreshTokenReuse: 'revoke' | 'refuse';
  readonly signIn: SignInPolicy;
  /** Clients known beforehand: RFC 7591 metadata with a `client_id`. */
  readonly clients: readonly Readonly<Record<string, unknown>>[];
  readonly clientDocuments: ClientDocumentsPolicy;
}

/** Clients that are described by a document at the URL that is their id. */
export interface ClientDocumentsPolicy {
  readonly enabled: boolean;
  /** Host names, or `*.` and a domain; empty: every host. */
  readonly allow: readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
  /** Documents that stand in where the published one cannot be fetched. */
  readonly pinned: readonly Readonly<Record<string, unknown>>[];
}

export interface ResourcePolicy extends Partial<RequestScopes> {
  /** Absent: the issuer itself. */
  readonly uri: string | undefined;
  readonly name: string;
  /** One of `clients`: as which the gateway of this resource follows revocations and introspects. */
  readonly client?: string | undefined;
  /** Asked for when a request names no scope; may be wildcards. */
  readonly defaultScopes: readonly string[];
  /** In the order in which tokens and pages list them. */
  readonly scopes: readonly ScopePolicy[];
}

/** What a request needs, by what its headers say; scopes of the resource. */
export interface RequestScopes {
  readonly requiredScopes: readonly string[];
  /** By tool, `*` for every other one; beside `requiredScopes`, like the two below. */
  readonly tools: Readonly<Record<string, readonly string[]>>;
  /** By method of the protocol, `*` for every other one. */
  readonly methods: Readonly<Record<string, readonly string[]>>;
  /** For a POST that does not name its method. */
  readonly unnamedRequests: readonly string[];
}

export interface ScopePolicy {
  readonly name: string;
  /** What the consent page gathers it under, e.g. `Project`. */
  readonly group: string;
  /** One plain sentence for the person who approves. */
  readonly sentence: string;
}

export interface RolePolicy {
  /** Scopes or wildcards. */
  readonly allow: readonly string[];
  readonly except: readonly string[];
}

/** Seconds. */
export interface Lifetimes {
  readonly accessToken: number;
  readonly refreshToken: number;
  readonly authorizationCode: number;
  readonly refreshGrace: number;
  /** From the first approval on, however often it is renewed; absent: no limit. */
  readonly connection: number | undefined;
  /** A registered client, until somebody approves it for the first time. */
  readonly registrationUnused: number;
  /** A registered client, after its last refresh token. */
  readonly registrationIdle: number;
  readonly interaction: number;
  readonly session: number;
}

export interface SignInPolicy {
  readonly failuresPerAccount: number;
  readonly failuresPerAddress: number;
  readonly windowSeconds: number;
  /** A new password ends the connections and the sessions of its account. */
  readonly passwordChangeEndsConnections: boolean;
}
