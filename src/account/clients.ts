import type { Connection } from '../connections/index.ts';

/**
 * What people take for one client. A tool that registers itself does so at each installation, often at each connection:
 * those belong together by the name that it gives itself. One that is described at a URL, or by the operator, is the
 * same wherever it runs.
 */
export function clientKeyOf({ clientId, clientName }: Pick<Connection, 'clientId' | 'clientName'>): string {
  return clientId.startsWith('dyn-') ? `name:${clientName}` : `id:${clientId}`;
}

/** To ending all that one of them has. */
export function hrefOfDisconnectClient(clientKey: string): string {
  return `/account/clients/disconnect?client=${encodeURIComponent(clientKey)}`;
}

/** In the order in which the first of each comes. */
export function groupByClient<T extends { readonly connection: Connection }>(held: readonly T[]): [string, T[]][] {
  return [...Map.groupBy(held, ({ connection }) => clientKeyOf(connection))];
}
