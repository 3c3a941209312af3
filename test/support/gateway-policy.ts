import { readFileSync } from 'node:fs';
import { changedPolicy } from './policy.ts';

/** The client of the one resource's gateway. */
export const gateway = { clientId: 'the-gateway', clientSecret: 'a secret that only the gateway knows' };
/** Configured like it, and of no resource. */
export const stranger = { clientId: 'a-stranger', clientSecret: 'a secret that only the stranger knows' };

/** The shipped policy, whose resource has a gateway that follows revocations. */
export function policyWithGateway(changes: Record<string, object> = {}) {
  const shipped = JSON.parse(readFileSync(new URL('../../config/auth.json', import.meta.url), 'utf8'));
  const [resource, ...others] = shipped.resources;
  const clients = [gateway, stranger].map(({ clientId, clientSecret }) => ({
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [],
  }));
  return changedPolicy({ resources: [{ ...resource, client: gateway.clientId }, ...others], clients, ...changes });
}

export function basic({ clientId, clientSecret }: typeof gateway): { Authorization: string } {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
  const pair = `${encode(clientId)}:${encode(clientSecret)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
