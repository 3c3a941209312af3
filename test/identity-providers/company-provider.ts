/**
 * An identity provider as a company has one, as a process of its own: oidc-provider with pages of its own, in memory. What
 * it is told comes by IPC: who its people are, and that one of them is signed out everywhere.
 */
import { text } from 'node:stream/consumers';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';

interface Person {
  readonly sub: string;
  readonly claims: Record<string, unknown>;
  readonly amr?: string[];
  readonly acr?: string;
}

// Here all is in memory on purpose; whatever else it warns of is printed.
const { warn } = console;
console.warn = (...words: unknown[]) => {
  if (!/in-memory adapter/.test(String(words[0]))) warn(...words);
};

const { issuer, client, parts = {} } = JSON.parse(process.env.COMPANY ?? '{}');
let people: Record<string, Person> = {};

const provider = new Provider(issuer, {
  clients: [client],
  cookies: { keys: ['only for tests'] },
  jwks: JSON.parse(process.env.COMPANY_KEYS ?? '{}'),
  acrValues: ['urn:mfa', 'urn:pwd'],
  scopes: ['openid', 'email', 'profile', 'groups'],
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name'],
    groups: ['groups'],
    acr: null,
    amr: null,
    auth_time: null,
  },
  interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    pushedAuthorizationRequests: { enabled: parts.pushes !== false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        ctx.body = `<h1>Sign out of the company?</h1>${form.replace('</form>', '<button name="logout" value="yes">Yes, sign out</button></form>')}`;
      },
      postLogoutSuccessSource(ctx) {
        ctx.body = '<h1>The company says goodbye</h1>';
      },
    },
  },
  // Everybody's, once they signed in: what is asked for at the company is not what is tested.
  async loadExistingGrant({ oidc }: KoaContextWithOIDC) {
    const { Grant } = oidc.provider as unknown as { Grant: new (payload: object) => InstanceType<Provider['Grant']> };
    const grant = new Grant({ accountId: oidc.session?.accountId, clientId: oidc.client?.clientId });
    grant.addOIDCScope('openid email profile groups');
    grant.addOIDCClaims(['acr', 'amr', 'auth_time']);
    await (grant as unknown as { save(ttl: number): Promise<string> }).save(3600);
    return grant;
  },
  findAccount: (_ctx, sub) => {
    const person = Object.values(people).find((each) => each.sub === sub);
    return person && { accountId: sub, claims: () => ({ sub, ...person.claims }) };
  },
  // It tells a server on this machine, too, which its own guard would not.
  fetch(url, options) {
    const { dispatcher: _guard, ...rest } = (options ?? {}) as RequestInit & { dispatcher?: unknown };
    return fetch(url, rest);
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/sign-in/')) return next();
  const { prompt, params } = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    const hint = String(params.login_hint ?? '').replaceAll(/[^\w@.-]/g, '');
    ctx.type = 'html';
    ctx.body = `<!doctype html><title>Company</title><h1>The company</h1><p>${prompt.name}</p><form method="post" action="${ctx.path}">
      <label>Name <input type="text" name="name" value="${hint}"></label><button>Sign in</button></form>
      <form method="post" action="${ctx.path}/cancel"><button>Cancel</button></form>`;
    return undefined;
  }
  const body = new URLSearchParams(await text(ctx.req));
  const person = people[body.get('name') ?? ''];
  const result =
    ctx.path.endsWith('/cancel') || !person
      ? { error: 'access_denied', error_description: '<b>the company</b> says no' }
      : { login: { accountId: person.sub, amr: person.amr, acr: person.acr } };
  await provider.interactionFinished(ctx.req, ctx.res, result as never);
  ctx.respond = false;
  return undefined;
});

process.on('message', (message: { people: typeof people }) => {
  people = message.people;
  process.send?.('told');
});
process.on('disconnect', () => process.exit());
provider.listen(Number(new URL(issuer).port), 'localhost', () => process.send?.('listening'));
