import type { Store } from '../storage/index.ts';

interface Parts {
  readonly store: Pick<Store, 'count'>;
  readonly names: { consoleCalls(client: string): string };
}

/** Of each client. A console with a hundred thousand people does not come near it; one that runs in circles does. */
const callsPerMinute = 6_000;

/** Counts one call of a client, and finds the seconds that it has to wait when it makes too many. */
export function createCallLimit({ store, names }: Parts): (client: string) => Promise<number | undefined> {
  return async function findDelay(client) {
    const { count, secondsLeft } = await store.count(names.consoleCalls(client), 60);
    return count > callsPerMinute ? Math.max(1, secondsLeft) : undefined;
  };
}
