import type { Config } from '../config/index.ts';

type Store = Config['store'];

/** Kind and place, for a log line: without user name, password or parameters, any of which may be a secret. */
export function describeStore(store: Store): { readonly kind: string; readonly place: string } {
  if (store.kind === 'sqlite') return { kind: 'sqlite', place: store.file };
  return {
    kind: store.connection.kind === 'single' ? 'redis' : `redis ${store.connection.kind}`,
    place: placeOf(store),
  };
}

function placeOf({ connection, prefix }: Extract<Store, { kind: 'redis' }>): string {
  if (connection.kind === 'cluster') return `${list(connection.nodes)} ${prefix}`;
  if (connection.kind === 'sentinel') return `${connection.name} at ${list(connection.sentinels)} ${prefix}`;
  const { protocol, host, pathname } = new URL(connection.url);
  return `${protocol}//${host}${pathname} ${prefix}`;
}

const list = (nodes: readonly { readonly host: string; readonly port: number }[]) =>
  nodes.map(({ host, port }) => `${host}:${port}`).join(',');
