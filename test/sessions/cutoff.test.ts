import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { createSessionCutoff } from '../../src/sessions/index.ts';
import { asOneRequest } from '../../src/storage/index.ts';
import { aStorage } from '../directory/a-directory.ts';

describe('ending the sessions of an account everywhere', () => {
  let storage: ReturnType<typeof aStorage>;
  beforeEach(() => {
    storage = aStorage();
  });
  afterEach(() => storage.store.close());

  const now = 1000;
  const cutoff = (ahead = 0) => createSessionCutoff({ ...storage, clock: createClock(() => (now + ahead) * 1000) });
  const hasEnded = (loginTs: number | undefined, accountId = 'ada') => cutoff().hasEnded({ accountId, loginTs });

  it('ends what began until now, of this account only', async () => {
    expect(await hasEnded(now)).toBe(false);
    await cutoff().endEverywhere('ada');
    expect([await hasEnded(now), await hasEnded(undefined), await hasEnded(now, 'grace')]).toEqual([true, true, false]);
  });

  it.each([0, -60, 60])('lets a sign-in in the same second count, on a node %i seconds ahead', async (ahead) => {
    await cutoff().endEverywhere('ada');
    expect(await hasEnded(await cutoff(ahead).signInTime('ada'))).toBe(false);
  });

  it('ends a sign-in whose time, of a clock elsewhere, is still to come', async () => {
    const signedIn = await cutoff().signInTime('ada', 1020);
    await cutoff().endEverywhere('ada');
    expect(await hasEnded(signedIn)).toBe(true);
  });

  it('is seen by the request that does it, whatever it has read before', async () => {
    const session = { accountId: 'ada', loginTs: now };
    await asOneRequest(async () => {
      storage.reads.ahead(cutoff().recordsOf(session));
      await cutoff().endEverywhere('ada');
      expect(await cutoff().hasEnded(session)).toBe(true);
    });
  });

  it('takes no ending back that came from a node ahead since the request has read', async () => {
    const begun = Promise.withResolvers<void>();
    // By another request.
    const ended = begun.promise.then(() => cutoff(60).endEverywhere('ada'));
    await asOneRequest(async () => {
      storage.reads.ahead(cutoff().recordsOf({ accountId: 'ada' }));
      begun.resolve();
      await ended;
      await cutoff().endEverywhere('ada');
    });
    expect(await hasEnded(now + 60)).toBe(true);
  });

  it('ends a sign-in of the same second, too, when it is done once more', async () => {
    await cutoff().endEverywhere('ada');
    const signedIn = await cutoff().signInTime('ada');
    await cutoff().endEverywhere('ada');
    expect(await hasEnded(signedIn)).toBe(true);
  });
});
