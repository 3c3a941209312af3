import { createServer } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { createPlugin, loadConfig } from '../../src/index.ts';

/** Your provider as it is: your accounts, your pages, your grants. */
const yours: Configuration = {
  clients: [
    {
      client_id: 'intranet',
      client_secret: 'a secret of yours',
      redirect_uris: ['http://127.0.0.1:8765/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
    },
  ],
  cookies: { keys: ['a cookie key of yours'] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_ctx, { uid }) => `/pages/${uid}` },
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
};

/** Only our storage below it: nothing of connections, organizations or our pages. */
export async function createServerWithAdapter(settings: Record<string, string | undefined>, more: Configuration = {}) {
  const plugin = await createPlugin(loadConfig(settings));
  const provider = new Provider(plugin.issuer, { ...yours, ...more, adapter: plugin.adapter });
  // Without it, two uses of one refresh token within the grace have two successors.
  plugin.adjustments.refreshSuccessors(provider);
  servePages(provider);
  return { http: createServer(provider.callback()), plugin, provider };
}

/** Stands for pages of yours: everybody is Ada, and agrees. */
function servePages(provider: Provider): void {
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/pages/')) return next();
    const { prompt, params } = await provider.interactionDetails(ctx.req, ctx.res);
    const result = prompt.name === 'login' ? { login: { accountId: 'ada' } } : { consent: await agree(params) };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  });

  async function agree(params: Record<string, unknown>) {
    const grant = new provider.Grant({ accountId: 'ada', clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    return { grantId: await grant.save() };
  }
}
