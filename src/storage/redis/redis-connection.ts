/** Where Redis is. The url also carries user, password and database; `rediss://` means TLS. */
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

/** What a url says beside host and port, as the client wants it. */
export interface RedisAccess {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: Record<string, never>;
}

export function redisHost(url: string): HostAndPort {
  const { hostname, port } = new URL(url);
  // An IPv6 address wears brackets in a url only.
  return { host: hostname.replace(/^\[|\]$/g, '') || 'localhost', port: Number(port) || 6379 };
}

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
