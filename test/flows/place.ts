import { untilReady } from '../support/eventually.ts';
import { freePort } from '../support/redis.ts';
import { startServer, type TestServer, type TestServerOptions } from '../support/server.ts';
import { type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

type Policy = Record<string, object | string>;
type Life = Omit<TestServerOptions, 'policy' | 'env' | 'port'> & { readonly at?: 'its address' | 'another' };

/** One store and one address, whatever lives there: an operator stops a server, and starts it again with another policy. */
export interface Place extends AsyncDisposable {
  readonly kept: TestStore;
  readonly origin: string;
  start(policy?: Policy, life?: Life): Promise<TestServer>;
  /** What somebody did while a server lived there that is gone. */
  before<T>(did: (server: TestServer) => Promise<T>, policy?: Policy, life?: Life): Promise<T>;
}

export async function createPlace(kind: TestStoreKind, usual: Policy = {}, always: Life = {}): Promise<Place> {
  const kept = await testStores[kind]();
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const start: Place['start'] = async (policy = {}, { at = 'its address', path = '/mcp', ...life } = {}) => {
    const server = await startServer({
      ...{ ...always, ...life, issuer: origin + path, env: kept.env, policy: { ...usual, ...policy } },
      parts: { ...kept.parts, ...always.parts },
      ...(at === 'its address' && { port }),
    });
    // A connection that was kept alive to the one before is noticed to be gone with the next request.
    await untilReady(server);
    return server;
  };
  return {
    kept,
    origin,
    start,
    async before(did, policy, life) {
      await using server = await start(policy, life);
      return await did(server);
    },
    [Symbol.asyncDispose]: kept.close,
  };
}
