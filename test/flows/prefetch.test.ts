import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { recordsOf, type TestStore, testStores } from '../support/test-store.ts';

/** Chat programs and clients look at a link before anybody opens it. */
describe('a prefetch of an authorization URL (R45)', () => {
  let kept: TestStore;
  let server: TestServer;
  let client: RelyingParty;
  beforeEach(async () => {
    kept = await testStores.SQLite();
    server = await startServer({ env: kept.env });
    client = await registerClient(server.issuer);
  });
  afterEach(async () => {
    await server.close();
    await kept.close();
  });

  it.each(['HEAD', 'GET'])('with %s leaves one interaction that ends by itself, and nothing else', async (method) => {
    const before = (await kept.records()).map(({ key }) => key);
    const response = await fetch(client.authorizationRequest().url, { method, redirect: 'manual' });
    expect(response.status).toBe(303);
    const left = (await kept.records()).filter(({ key }) => !before.includes(key));
    // With its place among those that nobody finishes, which are bounded (limits.unfinishedSignIns).
    expect(left.map(({ key }) => key.split(':')[0])).toEqual(['interaction', 'unfinished', 'unfinished-count']);
    for (const { secondsLeft } of left.slice(0, 2)) expect(secondsLeft).toBeLessThanOrEqual(3600);
  });

  it('takes nothing from the person who opens the same URL afterwards', async () => {
    const { url, verifier } = client.authorizationRequest();
    for (const method of ['HEAD', 'GET']) await fetch(url, { method, redirect: 'manual' });
    const callback = await createPerson(server.origin).approves(url);
    expect((await client.exchange(callback, verifier)).status).toBe(200);
    expect(await recordsOf(kept, 'connection')).toHaveLength(1);
  });
});
