import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** A client that removes its registration (RFC 7592 §2.3) removes what people approved for it, before it is told so. */
export function endRemovedClient(endings: { clientRemoved(clientId: string): Promise<void> }): Middleware {
  return async function removedClient(ctx, next) {
    await next();
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    if (oidc?.route === 'client_delete' && ctx.status === 204 && oidc.client) {
      await endings.clientRemoved(oidc.client.clientId);
    }
  };
}
