import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSignIn, createSignInLimit, type SignIn, type SignInPolicy } from '../../src/sign-in/index.ts';
import { adasDirectory, adasPassword, aStorage, countingHasher } from '../directory/a-directory.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { usualSignInPolicy } from '../support/sign-in-policy.ts';

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

function signInUnder(policy: SignInPolicy = usualSignInPolicy): SignIn {
  return createSignIn({ directory: fixture.directory, limit: createSignInLimit(fixture.storage, policy) });
}

const right = { email: 'ada@example.com', password: adasPassword, address: home };
const limitedFor = (retryAfterSeconds: number) => ({ kind: 'limited', retryAfterSeconds });
const ada = {
  signsIn: (address = home) => signIn({ ...right, address }),
  async fails(times: number, address = home) {
    for (let attempt = 0; attempt < times; attempt++)
      await signIn({ ...right, password: 'analytical engine', address });
  },
  /** What becomes of her with the right password, from one address after the other. */
  async isAt(...addresses: string[]) {
    const kinds = [];
    for (const address of addresses) kinds.push((await ada.signsIn(address)).kind);
    return kinds;
  },
};
async function strangersFail(times: number, address: string, first = 0) {
  for (let stranger = first; stranger < first + times; stranger++)
    await signIn({ email: `stranger-${stranger}@example.com`, password: 'a guess', address });
}

describe('after ten failures for one account within 15 minutes', () => {
  beforeEach(() => ada.fails(10));

  it('the right password is refused, with the time to wait and without password work', async () => {
    counted.verifications = 0;
    expect(await ada.signsIn()).toEqual(limitedFor(900));
    expect(counted.verifications).toBe(0);
  });

  it.each([
    ['another address does not help', { address: elsewhere }, 'limited'],
    ['another spelling of the email does not help', { email: ' ADA@Example.com' }, 'limited'],
    ['other people may still sign in from that address', { email: 'bob@example.com' }, 'refused'],
  ])('%s', async (_what, changes, kind) => expect((await signIn({ ...right, ...changes })).kind).toBe(kind));

  it('the limit lasts until the 15 minutes are over, and tries meanwhile do not prolong it', async () => {
    time.pass(890);
    expect(await ada.signsIn()).toEqual(limitedFor(10));
    time.pass(11);
    expect(await ada.isAt(home)).toEqual(['signed-in']);
  });
});

describe('an account', () => {
  it.each([
    ['may still sign in after nine failures', 1],
    ['starts again from zero after a success', 2],
  ])('%s', async (_what, rounds) => {
    for (let round = 0; round < rounds; round++) {
      await ada.fails(9);
      expect(await ada.isAt(home)).toEqual(['signed-in']);
    }
  });

  it('that does not exist is limited like one that does', async () => {
    const guess = { email: 'bob@example.com', password: 'a guess', address: home };
    for (let attempt = 0; attempt < 10; attempt++) expect(await signIn(guess)).toEqual({ kind: 'refused' });
    expect(await signIn(guess)).toEqual(limitedFor(900));
  });
});

describe('after fifty failures from one address within 15 minutes', () => {
  beforeEach(() => strangersFail(50, home));

  it('everyone there is refused, with the time to wait and without password work', async () => {
    counted.verifications = 0;
    expect(await ada.signsIn()).toEqual(limitedFor(900));
    expect(counted.verifications).toBe(0);
  });

  it('other addresses are not', async () => expect(await ada.isAt(elsewhere)).toEqual(['signed-in']));

  it('further tries from there cannot lock accounts', async () => {
    await ada.fails(20, home);
    expect(await ada.isAt(elsewhere)).toEqual(['signed-in']);
  });

  it('the address is free again when the 15 minutes are over', async () => {
    time.pass(901);
    expect(await ada.isAt(home)).toEqual(['signed-in']);
  });
});

describe('an address', () => {
  it('is not limited by any number of people who sign in', async () => {
    expect(await ada.isAt(...Array(120).fill(home))).toEqual(Array(120).fill('signed-in'));
  });

  it('does not get its failures forgiven by a success', async () => {
    await strangersFail(49, home);
    expect(await ada.isAt(home)).toEqual(['signed-in']);
    await strangersFail(1, home);
    expect(await ada.isAt(home)).toEqual(['limited']);
  });

  it('carries no successes over into the next 15 minutes', async () => {
    await strangersFail(1, home);
    time.pass(890);
    await ada.isAt(...Array(40).fill(home));
    time.pass(11);
    await strangersFail(50, home);
    expect(await ada.isAt(home)).toEqual(['limited']);
  });

  it('is counted with its whole /24, in IPv6 with its whole /56', async () => {
    for (let host = 1; host <= 50; host++) {
      await strangersFail(1, `192.0.2.${host}`, host);
      await strangersFail(1, `2001:db8:1:2${host.toString(16).padStart(2, '0')}::1`, host);
    }
    expect(await ada.isAt('192.0.2.200', '2001:db8:1:2ff::1')).toEqual(['limited', 'limited']);
    expect(await ada.isAt('192.0.3.1', '2001:db8:1:300::1')).toEqual(['signed-in', 'signed-in']);
  });

  it('in IPv6 is counted with its /48 as well, which has four times as many tries', async () => {
    for (let try_ = 0; try_ < 200; try_++) await strangersFail(1, `2001:db8:7:${(try_ % 100).toString(16)}00::1`, try_);
    expect(await ada.isAt('2001:db8:7:ff00::1', '2001:db8:8::1')).toEqual(['limited', 'signed-in']);
  });
});

describe('who fails from afar', () => {
  it('does not lock out the networks from which somebody has signed in, nor their neighbours of that /24', async () => {
    await ada.signsIn(home);
    await ada.fails(12, elsewhere);
    expect(await ada.isAt(elsewhere, '203.0.113.9')).toEqual(['limited', 'limited']);
    expect(await ada.isAt(home, '192.0.2.99')).toEqual(['signed-in', 'signed-in']);
  });

  it('and comes from such a network has ten tries there, and leaves the others theirs', async () => {
    await ada.isAt(home, elsewhere);
    await ada.fails(10, elsewhere);
    expect(await ada.isAt(elsewhere, home)).toEqual(['limited', 'signed-in']);
  });

  it('is not let in by a network of another account', async () => {
    await signIn({ ...right, email: 'bob@example.com', address: elsewhere });
    await ada.fails(10, elsewhere);
    expect(await ada.isAt(elsewhere)).toEqual(['limited']);
  });
});

describe('a try that never ended (R123)', () => {
  const impatient = () => createSignInLimit({ ...fixture.storage, patienceMs: 0 }, usualSignInPolicy);

  it('because the directory threw is no wrong password, however often that happens', async () => {
    const directory = { ...fixture.directory, signIn: () => Promise.reject(new Error('away')) };
    const away = createSignIn({ directory, limit: createSignInLimit(fixture.storage, usualSignInPolicy) });
    for (let time = 0; time < 60; time++) await expect(away(right)).rejects.toThrow('away');
    expect(await ada.isAt(home)).toEqual(['signed-in']);
  });

  it('because its server died is forgotten after 15 seconds, and until then said to be a matter of a moment', async () => {
    const limit = impatient();
    for (let time = 0; time < 10; time++) await limit.admit(right.email, home);
    expect(await limit.admit(right.email, home)).toEqual({ allowed: false, busy: true, retryAfterSeconds: 2 });
    time.pass(15.001);
    expect(await ada.isAt(home)).toEqual(['signed-in']);
  });

  it('leaves those that were wrong what they are', async () => {
    await ada.fails(9);
    const limit = impatient();
    await limit.admit(right.email, home);
    expect(await limit.admit(right.email, home)).toMatchObject({ allowed: false, busy: true });
    time.pass(15.001);
    await ada.fails(1);
    expect(await ada.isAt(home)).toEqual(['limited']);
  });

  it('is none of twenty at once with the right password: all get in', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => ada.signsIn()));
    expect(all.map(({ kind }) => kind)).toEqual(Array(20).fill('signed-in'));
  });
});

it('the policy decides how many failures in how long', async () => {
  signIn = signInUnder({ failuresPerAccount: 2, failuresPerAddress: 3, windowSeconds: 60 });
  await ada.fails(2);
  for (const address of [home, elsewhere]) expect(await ada.signsIn(address)).toEqual(limitedFor(60));
  time.pass(61);
  expect(await ada.isAt(home)).toEqual(['signed-in']);
});
