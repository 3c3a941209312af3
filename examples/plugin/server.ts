import { createServer } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { createPlugin, loadConfig } from '../../src/index.ts';

/** What you have today: your own oidc-provider configuration, with things of its own. */
const yours: Configuration = {
  clients: [
    { client_id: 'intranet', client_secret: 'a secret of yours', redirect_uris: ['https://intranet.example/cb'] },
  ],
  extraClientMetadata: { properties: ['department'] },
  features: { backchannelLogout: { enabled: true } },
};

/** The same server, with MCP: our decisions merged over yours, our pages, our adapter. */
export async function createServerWithPlugin(settings: Record<string, string | undefined>, more: Configuration = {}) {
  const plugin = await createPlugin(loadConfig(settings));
  const provider = new Provider(plugin.issuer, plugin.configuration({ ...yours, ...more }));
  plugin.install(provider);
  return { http: createServer(provider.callback()), plugin, provider };
}

if (import.meta.main) {
  const { PORT = '3000' } = process.env;
  const { http, plugin } = await createServerWithPlugin({ ISSUER: `http://localhost:${PORT}/mcp`, ...process.env });
  http.listen(Number(PORT), '127.0.0.1', () => console.log(`people sign in at ${plugin.issuer}`));
}
