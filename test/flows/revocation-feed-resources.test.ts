import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { basic, gateway, policyWithGateway, stranger } from '../support/gateway-policy.ts';
import { openStream } from '../support/revocation-stream.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const { resources } = JSON.parse(readFileSync(new URL('../../config/auth.json', import.meta.url), 'utf8'));
const [{ scopes, defaultScopes }] = resources;
const billing = 'https://billing.example/mcp';
const files = 'https://files.example/mcp';
const shelf = 'https://shelf.example/mcp';
const common = { scopes, defaultScopes };
const ofStranger = { client: stranger.clientId, formerly: ['https://old.example/mcp'] };
const others = [
  { uri: billing, name: 'Billing', ...common, ...ofStranger },
  { uri: files, name: 'Files', ...common, client: gateway.clientId },
  { uri: shelf, name: 'Shelf', ...common },
];

/** Attack: a gateway that is taken over reads in the feed who uses the other ones, and when they leave. */
describe('the feed is parted by resource', () => {
  const server = shared(async () => {
    using policy = policyWithGateway({ resources: [{ ...resources[0], client: gateway.clientId }, ...others] });
    return await startServer({ env: policy.env });
  });

  async function ends(resource: string): Promise<unknown> {
    const { client, refreshToken, claims } = await connect(server, { request: { resource } });
    expect(claims.aud).toBe(resource);
    await client.post('revoke', { token: refreshToken });
    return claims.grant_id;
  }
  const reads = async (client: typeof gateway, resource?: string, after?: string) => {
    await using stream = await openStream(server.issuer, after, { client, ...(resource && { resource }) });
    return await stream.untilCurrent();
  };
  const idsOf = (told: Awaited<ReturnType<typeof reads>>) => told.map(({ entry }) => entry.id);

  it('each client reads what ended at its own resources, and narrows that to one by asking', async () => {
    const [bkend, atBilling, atFiles] = [await ends(server.issuer), await ends(billing), await ends(files)];
    await ends(shelf);
    expect(idsOf(await reads(gateway))).toEqual([bkend, atFiles]);
    expect(idsOf(await reads(stranger))).toEqual([atBilling]);
    expect(idsOf(await reads(gateway, files))).toEqual([atFiles]);
    expect(idsOf(await reads(gateway, `${files}/`))).toEqual([atFiles]);
    expect(idsOf(await reads(stranger, billing))).toEqual([atBilling]);
  });

  it('a client hears of nothing new at a resource of another', async () => {
    await using stream = await openStream(server.issuer, undefined, { client: stranger });
    await stream.untilCurrent();
    await ends(server.issuer);
    const own = await ends(billing);
    expect((await stream.next()).entry.id).toBe(own);
  });

  it.each([
    ['another’s resource', billing],
    ['one without a gateway', shelf],
    ['one that nobody knows', 'https://nobody.example/mcp'],
    ['no URL', '%'],
    ['nothing', ''],
  ])('to ask for %s is refused, in the same words', async (_what, resource) => {
    const response = await fetch(`${server.issuer}/oauth/revocations?${new URLSearchParams({ resource })}`, {
      headers: basic(gateway),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_target' });
  });

  it('a person who leaves an organization leaves it at every resource', async () => {
    await server.server.revocation.membershipEnded('somebody', 'org_somewhere');
    for (const client of [gateway, stranger]) {
      expect((await reads(client)).at(-1)?.entry).toMatchObject({ kind: 'membership', accountId: 'somebody' });
    }
  });

  it('a client that comes back goes on behind what was not for it', async () => {
    await ends(billing);
    const last = (await reads(stranger)).at(-1)?.cursor;
    await ends(server.issuer);
    expect(await reads(stranger, undefined, last)).toEqual([]);
    const own = await ends(billing);
    expect(idsOf(await reads(stranger, undefined, last))).toEqual([own]);
  });
});
