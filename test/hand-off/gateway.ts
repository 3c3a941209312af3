import { readFileSync } from 'node:fs';
import { followRevocations, protectResource } from '@bkend/mcp-gateway';
import { theHandOff } from './hand-off.ts';

const { clients, resources } = JSON.parse(readFileSync('examples/console/auth.json', 'utf8'));
const secret = 'a secret of the gateway';

/** Server, console, and a gateway that follows the feed. */
export async function theHandOffWithGateway() {
  const here = await theHandOff({
    clients: [...clients, { client_id: 'gateway', client_secret: secret, redirect_uris: [] }],
    resources: resources.map((resource: object) => ({ ...resource, client: 'gateway' })),
  });
  const { issuer } = here;
  const revocations = followRevocations({ issuer, clientId: 'gateway', clientSecret: secret });
  await revocations.ready();
  const protection = protectResource({ issuer, resource: issuer, scopes: [], revocations });
  return {
    ...here,
    /** What the gateway answers to this token. */
    async statusOf(accessToken: unknown): Promise<number> {
      const request = new Request(issuer, { headers: { authorization: `Bearer ${accessToken}` } });
      const answer = await protection.authenticate(request);
      return answer instanceof Response ? answer.status : 200;
    },
    async close() {
      revocations.close();
      await here.close();
    },
  };
}
