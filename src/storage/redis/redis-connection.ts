/** Where Redis is, and how to get in. A url may carry user, password and database, and `rediss://` means TLS: those win. */
export type RedisConnection =
  | { readonly kind: 'single'; readonly url: string; readonly access?: RedisAccess }
  | { readonly kind: 'cluster'; readonly nodes: readonly HostAndPort[]; readonly access?: RedisAccess }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly HostAndPort[];
      readonly name: string;
      readonly access?: RedisAccess;
      /** User and password of the Sentinels themselves; TLS is used for both or for neither. */
      readonly sentinelAccess?: Pick<RedisAccess, 'username' | 'password'>;
    };

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** As the client wants it. */
export interface RedisAccess {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  /** `ca`: certificates to trust instead of the system's, in PEM. */
  readonly tls?: { readonly ca?: string };
}

export function redisHost(url: string): HostAndPort {
  const { hostname, port } = new URL(url);
  // An IPv6 address wears brackets in a url only.
  return { host: hostname.replace(/^\[|\]$/g, '') || 'localhost', port: Number(port) || 6379 };
}

export function accessOf(connection: RedisConnection): RedisAccess {
  const { access } = connection;
  const own = redisAccess(connection.kind === 'single' ? connection.url : undefined);
  const tls = access?.tls ?? own.tls;
  return { ...access, ...own, ...(tls && { tls }) };
}

/** What a url says beside host and port. */
export function redisAccess(url: string | undefined): RedisAccess {
  if (url === undefined) return {};
  const { protocol, username, password, pathname } = new URL(url);
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(/^\/\d+$/.test(pathname) && { db: Number(pathname.slice(1)) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}
