import { describe, expect, it } from '@jest/globals';
import { createCuttableLine } from '../support/cuttable-line.ts';
import { eventually, untilReady } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, testStores } from '../support/test-store.ts';

/** Only the redemption of a code writes a line, so only it names one together with the code. */
const taking = 'refresh-line:{';

/** The line to Redis is cut after it took the code, and before the server hears of it. */
describe('a redemption whose answer from Redis is lost', () => {
  const kept = shared(() => testStores.Redis());
  const line = shared(() => createCuttableLine(Number(new URL(kept.env.REDIS_URL ?? '').port)));
  const server = shared(() => startServer({ env: { REDIS_URL: line.origin.replace('http', 'redis') } }));
  const client = shared(() => registerClient(server.issuer));
  const person = shared(() => createPerson(server.origin));

  async function approvedCode() {
    const { url, verifier } = client.authorizationRequest({ scope: 'project:read' });
    const callback = await person.approves(url);
    const [connectionId = ''] = (callback.searchParams.get('code') ?? '').split('.');
    const ofConnection = async (kind: string) =>
      (await recordsOf(kept, kind)).filter(({ key }) => key.includes(connectionId));
    return { connectionId, exchange: () => client.exchange(callback, verifier), ofConnection };
  }
  const endsOf = (connection: string) =>
    server.logLines.filter((each) => each.connection === connection && each.event === 'connection.revoked');

  it('succeeds when the line is back within two seconds: the same request asks again, and is told that it was the one', async () => {
    const redeem = async () => {
      const code = await approvedCode();
      const cut = line.cutAfter(taking);
      const answered = code.exchange();
      await cut;
      const { connections } = line;
      await eventually(() => line.connections > connections);
      line.repair();
      const answer = await answered;
      await untilReady(server);
      return { ...code, ...answer };
    };
    let redeemed = await redeem();
    // A machine that was busy for as long as a request is patient proves nothing: once more.
    while (redeemed.status === 503) redeemed = await redeem();

    const { ofConnection, connectionId, status, body } = redeemed;
    expect(status).toBe(200);
    expect(await ofConnection('refresh-line')).toHaveLength(1);
    expect(JSON.parse((await ofConnection('connection'))[0]?.value ?? '{}').lines).toHaveLength(1);
    expect((await ofConnection('authorization-code'))[0]?.value).toMatch(/^t\d/);
    expect((await client.refresh(body.refresh_token ?? '')).status).toBe(200);
    expect(endsOf(connectionId)).toEqual([]);
  });

  it('is 503 when the line stays away; its retry is refused, says what to do, and is not taken for theft', async () => {
    const { exchange, ofConnection, connectionId } = await approvedCode();
    const cut = line.cutAfter(taking);
    const answered = exchange();
    await cut;
    expect(await answered).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    line.repair();
    await untilReady(server);

    expect(await exchange()).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: expect.stringMatching(/could not answer - restart authorization$/),
      },
    });
    expect(endsOf(connectionId)).toEqual([expect.objectContaining({ reason: 'answer lost' })]);
    // Nobody has what was made for it.
    expect(await ofConnection('refresh-line')).toEqual([]);
  });

  it('is told apart from theft: when somebody else redeemed the code meanwhile, the log says so', async () => {
    const { exchange, connectionId } = await approvedCode();
    line.cut();
    expect(await exchange()).toMatchObject({ status: 503 });
    line.repair();
    await untilReady(server);
    await using other = await startServer({ env: kept.env, issuer: server.issuer });
    const elsewhere = await atNode(other, exchange);
    expect(elsewhere.status).toBe(200);

    expect(await exchange()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(endsOf(connectionId)).toEqual([expect.objectContaining({ reason: 'token replayed' })]);
  });
});

/** The same request, at another node of the deployment. */
async function atNode(node: TestServer, ask: () => Promise<{ status: number }>) {
  const { fetch: original } = globalThis;
  globalThis.fetch = (input, init) => {
    const url = new URL(String(input));
    return original(node.origin + url.pathname, init);
  };
  try {
    return await ask();
  } finally {
    globalThis.fetch = original;
  }
}
