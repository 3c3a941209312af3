import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { findRightful, readBasic } from './basic-credentials.ts';

/** The client that a gateway presents by HTTP Basic, if it is one of these and has its secret (RFC 6749 §2.3.1). */
export async function findGatewayClient(ctx: Context, provider: Provider, clientIds: ReadonlySet<string>) {
  // Looked up only when configured: nobody else has anything to ask here.
  const readings = readBasic(ctx.get('Authorization')).filter(({ id }) => clientIds.has(id));
  return (await findRightful(readings, provider))?.client;
}
