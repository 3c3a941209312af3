import { beforeEach, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { createCheckFactor } from '../../src/factors/check-factor.ts';
import { createFactors, type Factors, type SigningIn } from '../../src/factors/index.ts';
import { createEvents, createLog } from '../../src/operations/index.ts';
import { createSignInLimit } from '../../src/sign-in/index.ts';
import { createRecordNames, createVault } from '../../src/storage/index.ts';
import { createTestClock } from '../support/clock.ts';
import { onEachStore } from '../support/each-store.ts';

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const someone = { id: 'acc_ada', email: 'ada@example.com', name: 'Ada' };
const another = { id: 'acc_bob', email: 'bob@example.com', name: 'Bob' };
const rounds = 12;

onEachStore((current) => {
  let time: ReturnType<typeof createTestClock>;
  let factors: Factors;
  const codeAt = (seconds = 0, of = secret) =>
    new TOTP({ secret: of }).generate({ timestamp: time.clock.now() + seconds * 1000 });
  const withSecrets = (...secrets: [string, ...string[]]) => {
    const vault = createVault(...secrets);
    const { store, prefix } = current();
    const names = createRecordNames(prefix, vault);
    return createFactors({
      store,
      names,
      vault,
      clock: time.clock,
      issuer: 'https://auth.example.com/mcp',
      brand: 'bkend',
    });
  };
  beforeEach(() => {
    time = createTestClock();
    factors = withSecrets('a secret that only tests may know');
  });

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
      limit: createSignInLimit({ store, names: createRecordNames(prefix, vault), hash: vault.hash, clock: time.clock }),
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
      expect(await factors.takeCode(someone.id, codeAt())).toBe(false);
      time.pass(30);
      expect(await factors.takeCode(someone.id, codeAt())).toBe(true);
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
      expect(await factors.takeCode(someone.id, codeAt(of - passed))).toBe(isTaken);
    });

    it('takes a code as people type it, and nothing else', async () => {
      await addsApp();
      time.pass(60);
      const code = codeAt();
      for (const wrong of ['', '12345', `${code}0`, 'abcdef', '１２３４５６', `-${code.slice(1)}`])
        expect(await factors.takeCode(someone.id, wrong)).toBe(false);
      expect(await factors.takeCode(someone.id, ` ${code.slice(0, 3)} ${code.slice(3)} `)).toBe(true);
    });

    it('never takes a code again, nor one of a step before one that was taken', async () => {
      await addsApp();
      time.pass(60);
      const [earlier, code] = [codeAt(-30), codeAt()];
      expect(await factors.takeCode(someone.id, code)).toBe(true);
      expect([await factors.takeCode(someone.id, code), await factors.takeCode(someone.id, earlier)]).toEqual([
        false,
        false,
      ]);
    });

    it('of fifty who bring one code at once lets one in', async () => {
      await addsApp();
      for (let round = 0; round < rounds; round++) {
        time.pass(30);
        const code = codeAt();
        const all = await Promise.all(Array.from({ length: 50 }, () => factors.takeCode(someone.id, code)));
        expect(all.filter(Boolean)).toHaveLength(1);
      }
    });

    it('is worth nothing to another account', async () => {
      await addsApp();
      await factors.addApp(another.id, {
        secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU',
        code: codeAt(0, 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU'),
        name: '',
        onlyFirst: true,
      });
      time.pass(60);
      expect(await factors.takeCode(another.id, codeAt())).toBe(false);
    });

    it('is kept encrypted, for its account, and goes on under a new STORE_SECRET', async () => {
      await addsApp();
      const { store, prefix } = current();
      const kept = (await store.read(`${prefix}factors:{${someone.id}}`))?.value ?? '';
      expect(kept).not.toContain(secret);
      // Moved to another account by whoever writes into the database.
      await store.write(`${prefix}factors:{${another.id}}`, kept);
      time.pass(60);
      expect(await factors.takeCode(another.id, codeAt())).toBe(false);

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

      expect(await factors.takeRecoveryCode(another.id, first)).toBe(false);
      expect(await factors.takeRecoveryCode(someone.id, first)).toBe(true);
      expect(await factors.takeRecoveryCode(someone.id, first)).toBe(false);
      expect(await factors.takeRecoveryCode(someone.id, ` ${second.toUpperCase().replaceAll('-', ' ')}`)).toBe(true);
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
        const all = await Promise.all(Array.from({ length: 50 }, () => factors.takeRecoveryCode(someone.id, code)));
        expect([n, all.filter(Boolean).length]).toEqual([n, 1]);
      }
      expect(await factors.list(someone.id)).toMatchObject({ recoveryCodesLeft: 0 });
    });

    it('are worth nothing once there are new ones, and go with the last factor', async () => {
      const { recoveryCodes: [former = ''] = [] } = (await addsApp()) ?? {};
      const [renewed = ''] = (await factors.renewRecoveryCodes(someone.id)) ?? [];
      expect([
        await factors.takeRecoveryCode(someone.id, former),
        await factors.takeRecoveryCode(someone.id, renewed),
      ]).toEqual([false, true]);

      const [app] = (await factors.list(someone.id)).factors;
      await factors.remove(someone.id, app?.id ?? '');
      expect(await factors.list(someone.id)).toEqual({ factors: [], recoveryCodesLeft: 0 });
      expect(await factors.renewRecoveryCodes(someone.id)).toBeUndefined();
    });
  });

  it('a factor that may only be the first is not added beside another, however many try at once', async () => {
    const tries = Array.from({ length: 10 }, () =>
      factors.addApp(someone.id, { secret, code: codeAt(), name: '', onlyFirst: true }),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect((await factors.list(someone.id)).factors).toHaveLength(1);
  });
});
