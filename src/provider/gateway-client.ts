import type { Context } from 'koa';
import type Provider from 'oidc-provider';

/** The client that a gateway presents by HTTP Basic, if it is one of these and has its secret (RFC 6749 §2.3.1). */
export async function findGatewayClient(ctx: Context, provider: Provider, clientIds: ReadonlySet<string>) {
  const [id, secret] = readBasic(ctx.get('Authorization'));
  // Looked up only when configured: the id of a metadata document would make us fetch it for anybody.
  if (!id || !secret || !clientIds.has(id)) return undefined;
  const client = await provider.Client.find(id);
  return client?.clientSecret && (await client.compareClientSecret(secret)) ? client : undefined;
}

function readBasic(header: string): string[] {
  const [, encoded = ''] = /^Basic +([\w+/]+=*)$/i.exec(header) ?? [];
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  try {
    return [id, secret].map((part) => decodeURIComponent(part.replaceAll('+', '%20')));
  } catch {
    return [];
  }
}
