import type { Context, Middleware } from 'koa';
import type Provider from 'oidc-provider';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The least that lets a person through: a form to sign in, a form to approve; no directory, no styles, no checks. */
export function createBarePages(provider: Provider): Middleware {
  return async function barePages(ctx, next) {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const interaction = await provider.interactionDetails(ctx.req, ctx.res);
    if (ctx.method === 'GET') show(ctx as Context, interaction);
    else ctx.redirect(await submit(ctx as Context, provider, interaction));
  };
}

function show(ctx: Context, { uid, prompt }: Interaction) {
  const fields = prompt.name === 'login' ? '<input name="email"><input name="password" type="password">' : '';
  ctx.type = 'html';
  ctx.body = `<!doctype html><title>${prompt.name}</title>
<form method="post" action="/interaction/${uid}/${prompt.name}">${fields}<button>Continue</button></form>`;
}

async function submit(ctx: Context, provider: Provider, interaction: Interaction): Promise<string> {
  const fields = await readFields(ctx);
  ctx.status = 303;
  const result =
    interaction.prompt.name === 'login'
      ? { login: { accountId: fields.get('email') ?? '' } } // whoever says so: hashing is left out, and so is the directory
      : { consent: { grantId: await saveGrant(provider, interaction) } };
  return provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
}

async function saveGrant(provider: Provider, { params, session, prompt, grantId }: Interaction): Promise<string> {
  const accountId = session?.accountId ?? '';
  const grant =
    (grantId ? await provider.Grant.find(grantId) : undefined) ??
    new provider.Grant({ accountId, clientId: String(params.client_id) });
  const { missingOIDCScope, missingResourceScopes } = prompt.details as {
    missingOIDCScope?: string[];
    missingResourceScopes?: Record<string, string[]>;
  };
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  return grant.save();
}

async function readFields(ctx: Context): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
