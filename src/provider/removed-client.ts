import type { Context, Middleware, Next } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { createNameBelow, createRoutes } from './routes.ts';

interface Parts {
  readonly issuer: string;
  readonly provider: Provider;
  readonly clientRemoved: (clientId: string) => Promise<void>;
}

/** A client that removes its registration (RFC 7592 §2.3) removes what people approved for it, before it is told so. */
export function endRemovedClient({ issuer, provider, clientRemoved }: Parts): Middleware {
  const nameBelow = createNameBelow(createRoutes(issuer).registration);

  return (ctx, next) => {
    const named = ctx.method === 'DELETE' ? nameBelow(ctx.path) : undefined;
    return named === undefined ? next() : removedClient(ctx as Context, next, named);
  };

  async function removedClient(ctx: Context, next: Next, named: string) {
    // First, while the client can still come back with its token: after a failure in between nobody could try again.
    const clientId = await findOwner(ctx, provider);
    if (clientId !== undefined && named === clientId) await clientRemoved(clientId);
    await next();
    // And what was approved in between.
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    if (ctx.status === 204 && oidc.client) await clientRemoved(oidc.client.clientId);
  }
}

/** The client whose registration this token manages. The same look-up comes again: what it refuses, it refuses there. */
async function findOwner(ctx: Context, provider: Provider): Promise<string | undefined> {
  const [, token] = /^Bearer (\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  return token === undefined ? undefined : (await provider.RegistrationAccessToken.find(token))?.clientId;
}
