import type { Context } from 'koa';
import { type Endpoint, type PageParts, readForm, seeOther } from '../http/index.ts';
import type { IdentityProvider, IdentityProviders } from './identity-providers.ts';
import type { LogoutToken } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { createProviderPaths } from './provider-paths.ts';

interface Parts extends Pick<PageParts, 'paths' | 'pages'> {
  readonly issuer: string;
  readonly providers: IdentityProviders;
  /** What ends here when somebody has signed out there. False for a token that came before. */
  readonly receiveLogout: (provider: IdentityProvider, token: LogoutToken) => Promise<boolean>;
  readonly onLogout: (logout: { provider: string; status: number; check?: string; reference: string }) => void;
}

/** Where people come back from a provider, and where it says that somebody has signed out. */
export function identityProviderEndpoints(parts: Parts): Endpoint[] {
  const { issuer, providers, paths, pages } = parts;
  const located = createProviderPaths(issuer);
  const pathOf = (url: string) => new URL(url).pathname;
  const name = 'identity-provider';

  /** To the page of the flow that waits, whose cookie is sent there only. Nothing is looked at but where that is. */
  function goOn(ctx: Context): void {
    const uid = providers.findReturn([ctx.query.state].flat()[0]);
    if (uid === undefined)
      throw Object.assign(new Error('the state of this answer is not ours'), { status: 400, detail: 'state' });
    const at = new URLSearchParams({ at: String(ctx.params?.provider) });
    seeOther(ctx, `${paths.interaction(uid)}/return?${at}&${ctx.querystring}`);
    ctx.set('Referrer-Policy', 'no-referrer');
  }

  async function receive(ctx: Context): Promise<void> {
    const provider = providers.find(ctx.params?.provider) ?? ctx.throw(404);
    // OpenID Connect Back-Channel Logout §2.8.
    ctx.set('Cache-Control', 'no-store');
    const { status, check } = await judge(provider, (await readForm(ctx)).get('logout_token') ?? '');
    ctx.status = status;
    const error = status === 503 ? 'temporarily_unavailable' : 'invalid_request';
    ctx.body = status === 200 ? '' : { error, error_description: check };
    const { reference } = ctx.state;
    parts.onLogout({ provider: provider.id, status, ...(check !== undefined && { check }), reference });
  }

  async function judge(provider: IdentityProvider, text: string): Promise<{ status: number; check?: string }> {
    try {
      const token = await provider.readLogoutToken(text);
      const isNew = await parts.receiveLogout(provider, token);
      return isNew ? { status: 200 } : { status: 400, check: 'logout token: used' };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      // Its keys cannot be had: whoever sent it may send it again.
      return { status: error.kind === 'away' ? 503 : 400, check: error.check };
    }
  }

  return [
    { name, path: pathOf(located.callback(':provider')), methods: ['GET'], handler: goOn },
    { name, path: pathOf(located.backchannelLogout(':provider')), methods: ['POST'], handler: receive },
    {
      name,
      path: pathOf(located.signedOut(':provider')),
      methods: ['GET'],
      handler: (ctx) => pages.show(ctx, 'signed-out', pages.frame(ctx, 'sign-out.done.title')),
    },
  ];
}
