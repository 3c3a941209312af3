import { createServer } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { createPlugin, loadConfig } from '../../src/index.ts';

/** What you have today: your own oidc-provider configuration, with things of its own. */
const yours: Configuration = {
  scopes: ['reports'],
  clients: [
    { client_id: 'intranet', client_secret: 'a secret of yours', redirect_uris: ['https://intranet.example/cb'] },
  ],
  features: { deviceFlow: { enabled: true } },
};

/** The same server, with MCP: our decisions merged over yours, our pages, our adapter. */
export async function createServerWithPlugin(settings: Record<string, string | undefined>) {
  const plugin = await createPlugin(loadConfig(settings));
  const provider = new Provider(plugin.issuer, plugin.configuration(yours));
  plugin.install(provider);
  return { http: createServer(provider.callback()), plugin, provider };
}

/** Or piece by piece: only our adapter and the pages of the flow, everything else stays yours. */
export async function createServerWithPieces(settings: Record<string, string | undefined>) {
  const plugin = await createPlugin(loadConfig(settings));
  const provider = new Provider(plugin.issuer, { ...plugin.configuration(yours), adapter: plugin.adapter });
  const { reference, errors, assets, interactions } = plugin.middleware(provider);
  for (const middleware of [reference, errors, assets, interactions]) provider.use(middleware);
  return { http: createServer(provider.callback()), plugin, provider };
}
