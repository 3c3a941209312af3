import type { Server } from 'node:http';
import type { Configuration, Provider } from 'oidc-provider';
import type { Plugin } from '../../src/index.ts';
import { freePort } from './redis.ts';

type Create = (
  settings: Record<string, string | undefined>,
  more: Configuration,
) => Promise<{ http: Server; plugin: Plugin; provider: Provider }>;

/** A server of the plugin's examples on a free port, in memory; `more` is what its host configured besides. */
export async function startHost(create: Create, more: Configuration = {}, path = '/mcp') {
  const port = await freePort();
  const issuer = `http://localhost:${port}${path}`;
  const settings = {
    ISSUER: issuer,
    DATABASE: ':memory:',
    STORE_SECRET: 'a secret that only tests may know',
    LOG_LEVEL: 'silent',
  };
  const { http, plugin, provider } = await create(settings, more);
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const stop = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await plugin.close();
  };
  return { issuer, origin: new URL(issuer).origin, port, plugin, provider, [Symbol.asyncDispose]: stop };
}
