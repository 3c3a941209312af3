import { Redis } from 'ioredis';

/** For `await using`: whatever has to be closed is, at the end of its block. */
export function closing<T extends { close(): unknown }>(it: T): T & AsyncDisposable {
  return Object.assign(it, { [Symbol.asyncDispose]: async () => void (await it.close()) });
}

/** For `using`: somebody who looks into a Redis, and turns its knobs, beside the store that is tested. */
export function operatorOf(
  { port }: { readonly port: number },
  options: { readonly db?: number } = {},
): Redis & Disposable {
  const client = new Redis(port, '127.0.0.1', options);
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}
