import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
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
    const { callback, redeem } = await approve(client, person, { scope: 'project:read' });
    const [connection = ''] = (callback.searchParams.get('code') ?? '').split('.');
    return {
      redeem,
      /** The line to Redis is cut once it took the code; the answer is still to come. */
      async redeemsAndIsCut() {
        const cut = line.cutAfter(taking);
        const answered = redeem();
        await cut;
        return { answered };
      },
      kept: async (kind: string) => (await recordsOf(kept, kind)).filter(({ key }) => key.includes(connection)),
      ends: () =>
        server.logLines
          .filter((each) => each.connection === connection && each.event === 'connection.revoked')
          .map(({ reason }) => reason),
    };
  }
  const repaired = () => {
    line.repair();
    return untilReady(server);
  };

  it('succeeds when the line is back within two seconds: the same request asks again, and is told that it was the one', async () => {
    const redeem = async () => {
      const code = await approvedCode();
      const { answered } = await code.redeemsAndIsCut();
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

    expect(redeemed.status).toBe(200);
    expect(await redeemed.kept('refresh-line')).toHaveLength(1);
    expect(JSON.parse((await redeemed.kept('connection'))[0]?.value ?? '{}').lines).toHaveLength(1);
    expect((await redeemed.kept('authorization-code'))[0]?.value).toMatch(/^t\d/);
    expect((await client.refresh(redeemed.body.refresh_token ?? '')).status).toBe(200);
    expect(redeemed.ends()).toEqual([]);
  });

  it('is 503 when the line stays away; its retry is refused, says what to do, and is not taken for theft', async () => {
    const code = await approvedCode();
    const { answered } = await code.redeemsAndIsCut();
    expect(await answered).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    await repaired();

    const said = expect.stringMatching(/could not answer - restart authorization$/);
    const refused = { status: 400, body: { error: 'invalid_grant', error_description: said } };
    expect(await code.redeem()).toMatchObject(refused);
    expect(code.ends()).toEqual(['answer lost']);
    // Nobody has what was made for it.
    expect(await code.kept('refresh-line')).toEqual([]);
  });

  it('is told apart from theft: when somebody else redeemed the code meanwhile, the log says so', async () => {
    const { redeem, ends } = await approvedCode();
    line.cut();
    expect(await redeem()).toMatchObject({ status: 503 });
    await repaired();
    await using other = await startServer({ env: kept.env, issuer: server.issuer });
    expect((await atNode(other, redeem)).status).toBe(200);

    expect(await redeem()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(ends()).toEqual(['token replayed']);
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
