import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import { recordsOf } from '../support/test-store.ts';

/** Chat programs and clients look at a link before anybody opens it. */
describe('a prefetch of an authorization URL (R45)', () => {
  it.each(['HEAD', 'GET'])('with %s leaves one interaction that ends by itself, and nothing else', async (method) => {
    await using here = await startAttacked();
    const before = (await here.kept.records()).map(({ key }) => key);
    const response = await fetch(here.client.authorizationRequest().url, { method, redirect: 'manual' });
    expect(response.status).toBe(303);
    const left = (await here.kept.records()).filter(({ key }) => !before.includes(key));
    // With its place among those that nobody finishes, which are bounded (limits.unfinishedSignIns).
    expect(left.map(({ key }) => key.split(':')[0])).toEqual(['interaction', 'unfinished', 'unfinished-count']);
    for (const { secondsLeft } of left.slice(0, 2)) expect(secondsLeft).toBeLessThanOrEqual(3600);
  });

  it('takes nothing from the person who opens the same URL afterwards', async () => {
    await using here = await startAttacked();
    const { url, verifier } = here.client.authorizationRequest();
    for (const method of ['HEAD', 'GET']) await fetch(url, { method, redirect: 'manual' });
    expect((await here.client.exchange(await here.person.approves(url), verifier)).status).toBe(200);
    expect(await recordsOf(here.kept, 'connection')).toHaveLength(1);
  });
});
