import { describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { createCheckFactor } from '../../src/factors/check-factor.ts';
import { createFactors, type SigningIn } from '../../src/factors/index.ts';
import { createEvents, createLog } from '../../src/operations/index.ts';
import { createSignInLimit } from '../../src/sign-in/index.ts';
import { createRecordNames, createRequestReads, createVault } from '../../src/storage/index.ts';
import { createTestClock } from '../support/clock.ts';
import { onEachStore } from '../support/each-store.ts';
import { fresh } from '../support/shared.ts';
import { usualSignInPolicy } from '../support/sign-in-policy.ts';

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const someone = { id: 'acc_ada', email: 'ada@example.com', name: 'Ada' };
const another = { id: 'acc_bob', email: 'bob@example.com', name: 'Bob' };
const rounds = 12;

const countTaken = async (count: number, take: () => Promise<unknown>) =>
  (await Promise.all(Array.from({ length: count }, take))).filter(Boolean).length;

onEachStore((current) => {
  const time = fresh(createTestClock);
  const codeAt = (seconds = 0, of = secret) =>
    new TOTP({ secret: of }).generate({ timestamp: time.clock.now() + seconds * 1000 });
  const withSecrets = (...secrets: [string, ...string[]]) => {
    const vault = createVault(...secrets);
    const { store, prefix } = current();
    const names = createRecordNames(prefix, vault);
    const issuer = 'https://auth.example.com/mcp';
    const reads = createRequestReads(store);
    return createFactors({ store, reads, names, vault, clock: time.clock, issuer, brand: 'bkend' });
  };
  const factors = fresh(() => withSecrets('a secret that only tests may know'));
  const takes = (code = codeAt(), owner = someone) => factors.takeCode(owner.id, code);
  const recovers = (code: string, owner = someone) => factors.takeRecoveryCode(owner.id, code);

  const addsApp = (owner = someone, code = codeAt()) =>
    factors.addApp(owner.id, { secret, code, name: 'Phone', onlyFirst: false });

  it('a code whose check never ended is no wrong one, however often that happens (R123)', async () => {
    const vault = createVault('a secret that only tests may know');
    const { store, prefix } = current();
    let isAway = true;
    const takeCode = async () => {
      if (isAway) throw new Error('the store is away');
      return true;
    };
    const check = createCheckFactor({
      factors: { ...factors, takeCode },
      limit: createSignInLimit(
        { store, names: createRecordNames(prefix, vault), hash: vault.hash, clock: time.clock },
        usualSignInPolicy,
      ),
      clientAddress: () => '192.0.2.1',
      events: createEvents(createLog('silent')),
      tellOwner: () => undefined,
    });
    const pending = { account: someone, since: 0, shown: ['pwd'], isTyped: true };
    const sends = () =>
      check.take({ ctx: {} } as SigningIn, pending, { way: 'code', form: new URLSearchParams({ code: codeAt() }) });
    for (let attempt = 0; attempt < 12; attempt += 1) await expect(sends()).rejects.toThrow('the store is away');
    isAway = false;
    expect(await sends()).toMatchObject({ kind: 'taken' });
  });

  describe('an authenticator app', () => {
    it('counts only once a code of it was shown, and that code is used up with it', async () => {
      expect(await addsApp(someone, '000000')).toBeUndefined();
      expect(await factors.list(someone.id)).toEqual({ factors: [], recoveryCodesLeft: 0 });

      expect((await addsApp())?.recoveryCodes).toHaveLength(10);
      expect(await takes()).toBe(false);
      time.pass(30);
      expect(await takes()).toBe(true);
    });

    it.each([
      ['of now', 60, 60, true],
      ['of the step before', 60, 30, true],
      ['of the step after', 60, 90, true],
      ['of two steps before', 90, 30, false],
      ['of two steps after', 60, 120, false],
    ])('takes a code %s: %#', async (_name, passed, of, isTaken) => {
      await addsApp();
      time.pass(passed);
      expect(await takes(codeAt(of - passed))).toBe(isTaken);
    });

    it('takes a code as people type it, and nothing else', async () => {
      await addsApp();
      time.pass(60);
      const code = codeAt();
      for (const wrong of ['', '12345', `${code}0`, 'abcdef', '１２３４５６', `-${code.slice(1)}`])
        expect(await takes(wrong)).toBe(false);
      expect(await takes(` ${code.slice(0, 3)} ${code.slice(3)} `)).toBe(true);
    });

    it('never takes a code again, nor one of a step before one that was taken', async () => {
      await addsApp();
      time.pass(60);
      const [earlier, code] = [codeAt(-30), codeAt()];
      expect([await takes(code), await takes(code), await takes(earlier)]).toEqual([true, false, false]);
    });

    it('of fifty who bring one code at once lets one in', async () => {
      await addsApp();
      for (let round = 0; round < rounds; round++) {
        time.pass(30);
        const code = codeAt();
        expect(await countTaken(50, () => takes(code))).toBe(1);
      }
    });

    it('is worth nothing to another account', async () => {
      await addsApp();
      const theirs = 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU';
      await factors.addApp(another.id, { secret: theirs, code: codeAt(0, theirs), name: '', onlyFirst: true });
      time.pass(60);
      expect(await takes(codeAt(), another)).toBe(false);
    });

    it('is kept encrypted, for its account, and goes on under a new STORE_SECRET', async () => {
      await addsApp();
      const { store, prefix } = current();
      const kept = (await store.read(`${prefix}factors:{${someone.id}}`))?.value ?? '';
      expect(kept).not.toContain(secret);
      // Moved to another account by whoever writes into the database.
      await store.write(`${prefix}factors:{${another.id}}`, kept);
      time.pass(60);
      expect(await takes(codeAt(), another)).toBe(false);

      const changed = withSecrets('another secret, which makes from now on', 'a secret that only tests may know');
      expect(await changed.takeCode(someone.id, codeAt())).toBe(true);
      time.pass(60);
      expect(await withSecrets('another secret, which makes from now on').takeCode(someone.id, codeAt())).toBe(true);
      time.pass(60);
      expect(await withSecrets('a secret that nobody has used').takeCode(someone.id, codeAt())).toBe(false);
    });
  });

  describe('recovery codes', () => {
    it('come with the first factor, ten, each once, in any spelling, for one account', async () => {
      const { recoveryCodes = [] } = (await addsApp()) ?? {};
      const [first = '', second = ''] = recoveryCodes;
      expect(recoveryCodes.every((code) => /^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$/.test(code))).toBe(true);
      expect(new Set(recoveryCodes).size).toBe(10);

      expect(await recovers(first, another)).toBe(false);
      expect(await recovers(first)).toBe(true);
      expect(await recovers(first)).toBe(false);
      expect(await recovers(` ${second.toUpperCase().replaceAll('-', ' ')}`)).toBe(true);
      expect(await factors.list(someone.id)).toMatchObject({ recoveryCodesLeft: 8 });
    });

    it('are kept as hashes', async () => {
      const { recoveryCodes = [] } = (await addsApp()) ?? {};
      const { store, prefix } = current();
      const kept = (await store.read(`${prefix}factors:{${someone.id}}`))?.value ?? '';
      for (const code of recoveryCodes) {
        expect(kept).not.toContain(code);
        expect(kept).not.toContain(code.replaceAll('-', ''));
      }
    });

    it('let in one of fifty who bring the same at once, while other codes are used', async () => {
      const { recoveryCodes = [] } = (await addsApp()) ?? {};
      for (const [n, code] of recoveryCodes.entries()) {
        expect([n, await countTaken(50, () => recovers(code))]).toEqual([n, 1]);
      }
      expect(await factors.list(someone.id)).toMatchObject({ recoveryCodesLeft: 0 });
    });

    it('are worth nothing once there are new ones, and go with the last factor', async () => {
      const { recoveryCodes: [former = ''] = [] } = (await addsApp()) ?? {};
      const [renewed = ''] = (await factors.renewRecoveryCodes(someone.id)) ?? [];
      expect([await recovers(former), await recovers(renewed)]).toEqual([false, true]);

      const [app] = (await factors.list(someone.id)).factors;
      await factors.remove(someone.id, app?.id ?? '');
      expect(await factors.list(someone.id)).toEqual({ factors: [], recoveryCodesLeft: 0 });
      expect(await factors.renewRecoveryCodes(someone.id)).toBeUndefined();
    });
  });

  it('a factor that may only be the first is not added beside another, however many try at once', async () => {
    const first = { secret, code: codeAt(), name: '', onlyFirst: true };
    expect(await countTaken(10, () => factors.addApp(someone.id, first))).toBe(1);
    expect((await factors.list(someone.id)).factors).toHaveLength(1);
  });
});
