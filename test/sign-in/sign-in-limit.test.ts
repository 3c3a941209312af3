import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSignIn, createSignInLimit, type SignIn, type SignInPolicy } from '../../src/sign-in/index.ts';
import { adasDirectory, adasPassword, aStorage, countingHasher } from '../directory/a-directory.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';

const rightAfterMidnight = Date.parse('2026-03-01T00:00:10Z');
const home = '192.0.2.1';
const elsewhere = '198.51.100.7';

let fixture: Awaited<ReturnType<typeof adasDirectory>>;
let counted: { verifications: number };
let signIn: SignIn;
let time: TestClock;

beforeEach(async () => {
  time = createTestClock(rightAfterMidnight);
  const hasher = countingHasher();
  counted = hasher.counted;
  fixture = await adasDirectory(aStorage(undefined, undefined, time.clock), hasher.passwords);
  signIn = signInUnder();
});
afterEach(() => fixture.storage.store.close());

describe('after ten failures for one account within 15 minutes', () => {
  beforeEach(() => ada.fails(10));

  it('the right password is refused, with the time to wait and without password work', async () => {
    counted.verifications = 0;
    expect(await ada.signsIn()).toEqual({ kind: 'limited', retryAfterSeconds: 900 });
    expect(counted.verifications).toBe(0);
  });

  it('another address does not help', async () => {
    expect(await ada.signsIn(elsewhere)).toMatchObject({ kind: 'limited' });
  });

  it('another spelling of the email does not help', async () => {
    const spelled = { email: ' ADA@Example.com', password: adasPassword, address: home };
    expect(await signIn(spelled)).toMatchObject({ kind: 'limited' });
  });

  it('other people may still sign in from that address', async () => {
    expect(await signIn({ email: 'bob@example.com', password: adasPassword, address: home })).toEqual({
      kind: 'refused',
    });
  });

  it('the limit lasts until the 15 minutes are over, and tries meanwhile do not prolong it', async () => {
    time.pass(890);
    expect(await ada.signsIn()).toEqual({ kind: 'limited', retryAfterSeconds: 10 });
    time.pass(11);
    expect(await ada.signsIn()).toMatchObject({ kind: 'signed-in' });
  });
});

describe('an account', () => {
  it('may still sign in after nine failures', async () => {
    await ada.fails(9);
    expect(await ada.signsIn()).toMatchObject({ kind: 'signed-in' });
  });

  it('starts again from zero after a success', async () => {
    await ada.fails(9);
    await ada.signsIn();
    await ada.fails(9);
    expect(await ada.signsIn()).toMatchObject({ kind: 'signed-in' });
  });

  it('that does not exist is limited like one that does', async () => {
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(await signIn({ email: 'bob@example.com', password: 'a guess', address: home })).toEqual({
        kind: 'refused',
      });
    }
    expect(await signIn({ email: 'bob@example.com', password: 'a guess', address: home })).toEqual({
      kind: 'limited',
      retryAfterSeconds: 900,
    });
  });
});

describe('after fifty failures from one address within 15 minutes', () => {
  beforeEach(() => strangersFail(50, home));

  it('everyone there is refused, with the time to wait and without password work', async () => {
    counted.verifications = 0;
    expect(await ada.signsIn(home)).toEqual({ kind: 'limited', retryAfterSeconds: 900 });
    expect(counted.verifications).toBe(0);
  });

  it('other addresses are not', async () => {
    expect(await ada.signsIn(elsewhere)).toMatchObject({ kind: 'signed-in' });
  });

  it('further tries from there cannot lock accounts', async () => {
    await ada.fails(20, home);
    expect(await ada.signsIn(elsewhere)).toMatchObject({ kind: 'signed-in' });
  });

  it('the address is free again when the 15 minutes are over', async () => {
    time.pass(901);
    expect(await ada.signsIn(home)).toMatchObject({ kind: 'signed-in' });
  });
});

describe('an address', () => {
  it('is not limited by any number of people who sign in', async () => {
    for (let person = 0; person < 120; person++) expect(await ada.signsIn()).toMatchObject({ kind: 'signed-in' });
  });

  it('does not get its failures forgiven by a success', async () => {
    await strangersFail(49, home);
    expect(await ada.signsIn(home)).toMatchObject({ kind: 'signed-in' });
    await strangersFail(1, home);
    expect(await ada.signsIn(home)).toMatchObject({ kind: 'limited' });
  });

  it('carries no successes over into the next 15 minutes', async () => {
    await strangersFail(1, home);
    time.pass(890);
    for (let person = 0; person < 40; person++) await ada.signsIn(home);
    time.pass(11);
    await strangersFail(50, home);
    expect(await ada.signsIn(home)).toMatchObject({ kind: 'limited' });
  });

  it('is counted with its whole /24, in IPv6 with its whole /56', async () => {
    for (let host = 1; host <= 50; host++) await strangersFail(1, `192.0.2.${host}`, host);
    for (let host = 1; host <= 50; host++)
      await strangersFail(1, `2001:db8:1:2${host.toString(16).padStart(2, '0')}::1`, host);
    for (const address of ['192.0.2.200', '2001:db8:1:2ff::1']) {
      expect(await ada.signsIn(address)).toMatchObject({ kind: 'limited' });
    }
    expect(await ada.signsIn('192.0.3.1')).toMatchObject({ kind: 'signed-in' });
    expect(await ada.signsIn('2001:db8:1:300::1')).toMatchObject({ kind: 'signed-in' });
  });

  it('in IPv6 is counted with its /48 as well, which has four times as many tries', async () => {
    for (let try_ = 0; try_ < 200; try_++) await strangersFail(1, `2001:db8:7:${(try_ % 100).toString(16)}00::1`, try_);
    expect(await ada.signsIn('2001:db8:7:ff00::1')).toMatchObject({ kind: 'limited' });
    expect(await ada.signsIn('2001:db8:8::1')).toMatchObject({ kind: 'signed-in' });
  });
});

describe('who fails from afar', () => {
  it('does not lock out the networks from which somebody has signed in, nor their neighbours of that /24', async () => {
    await ada.signsIn(home);
    await ada.fails(12, elsewhere);
    expect(await ada.signsIn(elsewhere)).toMatchObject({ kind: 'limited' });
    expect(await ada.signsIn('203.0.113.9')).toMatchObject({ kind: 'limited' });
    expect(await ada.signsIn(home)).toMatchObject({ kind: 'signed-in' });
    expect(await ada.signsIn('192.0.2.99')).toMatchObject({ kind: 'signed-in' });
  });

  it('and comes from such a network has ten tries there, and leaves the others theirs', async () => {
    await ada.signsIn(home);
    await ada.signsIn(elsewhere);
    await ada.fails(10, elsewhere);
    expect(await ada.signsIn(elsewhere)).toMatchObject({ kind: 'limited' });
    expect(await ada.signsIn(home)).toMatchObject({ kind: 'signed-in' });
  });

  it('is not let in by a network of another account', async () => {
    await signIn({ email: 'bob@example.com', password: adasPassword, address: elsewhere });
    await ada.fails(10, elsewhere);
    expect(await ada.signsIn(elsewhere)).toMatchObject({ kind: 'limited' });
  });
});

describe('a try that never ended (R123)', () => {
  const failing = (error: Error): SignIn =>
    createSignIn({
      directory: { ...fixture.directory, signIn: () => Promise.reject(error) },
      limit: createSignInLimit(fixture.storage),
    });
  const right = { email: 'ada@example.com', password: adasPassword, address: home };

  it('because the directory threw is no wrong password, however often that happens', async () => {
    const away = failing(new Error('away'));
    for (let time = 0; time < 60; time++) await expect(away(right)).rejects.toThrow('away');
    expect(await ada.signsIn()).toMatchObject({ kind: 'signed-in' });
  });

  it('because its server died is forgotten after 15 seconds, and until then said to be a matter of a moment', async () => {
    const limit = createSignInLimit({ ...fixture.storage, patienceMs: 0 });
    for (let time = 0; time < 10; time++) await limit.admit(right.email, home);
    expect(await limit.admit(right.email, home)).toEqual({ allowed: false, busy: true, retryAfterSeconds: 2 });
    time.pass(15.001);
    expect(await ada.signsIn()).toMatchObject({ kind: 'signed-in' });
  });

  it('leaves those that were wrong what they are', async () => {
    await ada.fails(9);
    const limit = createSignInLimit({ ...fixture.storage, patienceMs: 0 });
    await limit.admit(right.email, home);
    expect(await limit.admit(right.email, home)).toMatchObject({ allowed: false, busy: true });
    time.pass(15.001);
    await ada.fails(1);
    expect(await ada.signsIn()).toMatchObject({ kind: 'limited' });
  });

  it('is none of twenty at once with the right password: all get in', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => ada.signsIn()));
    expect(all.map(({ kind }) => kind)).toEqual(Array(20).fill('signed-in'));
  });
});

describe('the policy', () => {
  it('decides how many failures in how long', async () => {
    signIn = signInUnder({ failuresPerAccount: 2, failuresPerAddress: 3, windowSeconds: 60 });
    await ada.fails(2);
    expect(await ada.signsIn()).toEqual({ kind: 'limited', retryAfterSeconds: 60 });
    expect(await ada.signsIn(elsewhere)).toEqual({ kind: 'limited', retryAfterSeconds: 60 });
    time.pass(61);
    expect(await ada.signsIn()).toMatchObject({ kind: 'signed-in' });
  });
});

const ada = {
  signsIn: (address = home) => signIn({ email: 'ada@example.com', password: adasPassword, address }),
  async fails(times: number, address = home) {
    for (let attempt = 0; attempt < times; attempt++) {
      await signIn({ email: 'ada@example.com', password: 'analytical engine', address });
    }
  },
};

async function strangersFail(times: number, address: string, first = 0) {
  for (let stranger = first; stranger < first + times; stranger++) {
    await signIn({ email: `stranger-${stranger}@example.com`, password: 'a guess', address });
  }
}

function signInUnder(policy?: SignInPolicy): SignIn {
  return createSignIn({ directory: fixture.directory, limit: createSignInLimit(fixture.storage, policy) });
}
