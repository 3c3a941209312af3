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

/** Or piece by piece: our configuration, and of the rest what you choose. README.md says what each is for. */
export async function createServerWithPieces(settings: Record<string, string | undefined>, more: Configuration = {}) {
  const plugin = await createPlugin(loadConfig(settings));
  const provider = new Provider(plugin.issuer, plugin.configuration({ ...yours, ...more }));

  const { publicUrls, refreshSuccessors, redirectUris } = plugin.adjustments;
  for (const adjust of [publicUrls, refreshSuccessors, redirectUris]) adjust(provider);

  const { reference, errors, assets, metadata, authorizationRequest, reuse, interactions, account } =
    plugin.middleware(provider);
  for (const each of [reference, errors, assets, metadata, authorizationRequest, reuse, interactions, account])
    provider.use(each);
  return { http: createServer(provider.callback()), plugin, provider };
}
