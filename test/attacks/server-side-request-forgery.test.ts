import { describe, expect, it } from '@jest/globals';
import { documentClient } from '../clients/document-client.ts';
import { publicAddress, startWeb } from '../clients/document-web.ts';
import { startAttacked } from '../support/attacked.ts';
import { shared } from '../support/shared.ts';

/** MCP security best practices, "Server-Side Request Forgery": a client's address is one inside of our network. */
const web = shared(startWeb);
const here = shared(() => startAttacked({ parts: { network: web.network } }));

const redirectUri = 'http://127.0.0.1:8765/callback';
async function asksAs(clientId: string) {
  const client = documentClient(here.server.issuer, clientId, redirectUri);
  const page = await here.person.browser.open(client.authorizationRequest().url.href);
  return { page, token: await client.refresh('some token') };
}

const inside = [
  ...['https://10.1.2.3/client.json', 'https://192.168.0.1/client.json', 'https://172.16.0.1/client.json'],
  ...['https://127.0.0.1/client.json', 'https://[::1]/client.json', 'https://[fd00::1]/client.json'],
  ...['https://169.254.169.254/latest/meta-data', 'https://[::ffff:169.254.169.254]/latest/meta-data'],
  ...['https://0x7f000001/client.json', 'https://2130706433/client.json', 'https://0/client.json'],
  ...['http://tool.example.com/client.json', 'https://tool.example.com:6379/client.json'],
];

describe('a client whose id leads inside', () => {
  it.each(inside)('is refused, and nothing is asked for: %s', async (clientId) => {
    const [connected, requests] = [web.connected.length, web.requests.length];

    const { page, token } = await here.changesNothing(() => asksAs(clientId));

    expect([page.status, page.url.origin]).toEqual([400, here.server.origin]);
    expect(token.body).toMatchObject({ error: 'invalid_client' });
    expect([web.connected.length, web.requests.length]).toEqual([connected, requests]);
  });

  it.each(['10.1.2.3', '127.0.0.1', '169.254.169.254', '::1', 'fd00::1', '::ffff:10.0.0.1', '100.64.0.1', '0.0.0.0'])(
    'by a name, to %s, is connected to by nobody',
    async (address) => {
      const [connected, requests] = [web.connected.length, web.requests.length];
      for (const addresses of [[address], [publicAddress, address]]) {
        web.resolves('stranger0.test', addresses);

        const { page, token } = await here.changesNothing(() => asksAs('https://stranger0.test/client.json'));

        expect([page.status, token.status, token.body.error]).toEqual([503, 503, 'temporarily_unavailable']);
      }
      expect([web.connected.length, web.requests.length]).toEqual([connected, requests]);
    },
  );

  it.each(['https://169.254.169.254/latest/meta-data', 'http://127.0.0.1:6379/', 'https://stranger2.test/client.json'])(
    'by a redirect to %s, is not followed',
    async (location) => {
      web.serve('https://stranger1.test/client.json', { status: 302, headers: { Location: location } });
      const before = web.requests.length;

      const { page } = await here.changesNothing(() => asksAs('https://stranger1.test/client.json'));

      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(new Set(web.requests.slice(before).map(({ url }) => url))).toEqual(
        new Set(['https://stranger1.test/client.json']),
      );
    },
  );
});
