import { expect, it } from '@jest/globals';
import { createFactors, type Factors } from '../../src/factors/index.ts';
import { createRecordNames, createRequestReads, createVault } from '../../src/storage/index.ts';
import { createTestClock } from '../support/clock.ts';
import { onEachStore } from '../support/each-store.ts';
import { fresh } from '../support/shared.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';

const origin = 'https://auth.example.com';
const someone = { id: 'acc_ada', email: 'ada@example.com', name: 'Ada' };
const another = { id: 'acc_bob', email: 'bob@example.com', name: 'Bob' };

onEachStore((current) => {
  const time = fresh(createTestClock);
  const factors = fresh(() => {
    const vault = createVault('a secret that only tests may know');
    const { store, prefix } = current();
    const names = createRecordNames(prefix, vault);
    const reads = createRequestReads(store);
    return createFactors({ store, reads, names, vault, clock: time.clock, issuer: `${origin}/mcp`, brand: 'bkend' });
  });

  const passkeys = () => factors.passkeys as NonNullable<Factors['passkeys']>;
  const asks = async (place: string, accountId?: string) => {
    const { options, ticket } = await passkeys().ask(place, accountId);
    const sends = (credential: string) => new URLSearchParams({ ticket, credential });
    /** Whom this answer of a key signs in. */
    const redeems = (key: Authenticator, lies?: Parameters<Authenticator['get']>[1]) =>
      passkeys().redeem(place, sends(key.get(options, lies)), accountId);
    return { options, sends, redeems };
  };
  async function adds(owner = someone, key = createAuthenticator(origin), lies = {}) {
    const { options, ticket } = await passkeys().askToCreate('account', owner);
    const form = new URLSearchParams({ ticket, credential: key.create(options, lies) });
    const created = await passkeys().redeemCreated('account', form, owner.id);
    if (!created || created === 'taken') return { key, form, created };
    const added = await factors.addPasskey(owner.id, created, { name: 'Laptop', onlyFirst: false });
    return { key, form, created, added };
  }

  it('a passkey signs in alone where it verifies its person, once for a challenge, whether or not it is copied elsewhere', async () => {
    const { key, added } = await adds(someone, undefined, { backedUp: true });
    expect(added?.recoveryCodes).toHaveLength(10);
    const { options, sends } = await asks('flow');
    expect(JSON.parse(options)).toMatchObject({ rpId: 'auth.example.com', userVerification: 'required' });
    expect(JSON.parse(options).allowCredentials).toBeUndefined();
    const form = sends(key.get(options, { backedUp: true }));
    expect(await passkeys().redeem('flow', form)).toBe(someone.id);
    expect(await passkeys().redeem('flow', form)).toBeUndefined();
  });

  it('a passkey counts beside the password without verifying its person, and not alone', async () => {
    const { key } = await adds();
    const beside = await asks('flow', someone.id);
    expect(JSON.parse(beside.options).allowCredentials).toEqual([
      { id: key.id, type: 'public-key', transports: ['internal'] },
    ]);
    expect(await beside.redeems(key, { verifiesUser: false })).toBe(someone.id);
    expect(await (await asks('flow')).redeems(key, { verifiesUser: false })).toBeUndefined();
  });

  it.each([
    ['for another origin', { origin: 'https://evil.example' }],
    ['for another site', { rpId: 'evil.example' }],
    ['to another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of another kind', { type: 'webauthn.create' }],
  ])('a passkey answers in vain %s', async (_name, lies) => {
    const { key } = await adds();
    expect(await (await asks('flow')).redeems(key, lies)).toBeUndefined();
    const ofAnother = { ...lies, ...('type' in lies && { type: 'webauthn.get' }) };
    expect((await adds(another, undefined, ofAnother)).created).toBeUndefined();
  });

  it('a passkey answers in vain in another flow, at another time, or to what was asked of somebody else', async () => {
    const { key } = await adds();
    const { options, sends } = await asks('flow');
    const form = sends(key.get(options));
    expect(await passkeys().redeem('another flow', form)).toBeUndefined();
    expect(await passkeys().redeem('flow', form, someone.id)).toBeUndefined();
    time.pass(600);
    expect(await passkeys().redeem('flow', form)).toBeUndefined();
  });

  it('a passkey of one account signs in to no other: beside its password, by its handle, or added there', async () => {
    const { key } = await adds();
    await adds(another);
    const beside = await asks('flow', another.id);
    const pretends = { userHandle: Buffer.from(another.id).toString('base64url') };
    for (const lies of [{}, { userHandle: undefined }, pretends])
      expect(await beside.redeems(key, lies)).toBeUndefined();
    expect(await (await asks('flow')).redeems(key, pretends)).toBeUndefined();
    expect((await adds(another, createAuthenticator(origin, Buffer.from(key.id, 'base64url')))).created).toBe('taken');
  });

  it('a passkey is not made twice, and can be made anew once it was removed', async () => {
    const { key, form } = await adds();
    const { options } = await passkeys().askToCreate('account', someone);
    expect(JSON.parse(options).excludeCredentials).toEqual([
      { id: key.id, type: 'public-key', transports: ['internal'] },
    ]);
    expect(await passkeys().redeemCreated('account', form, someone.id)).toBeUndefined();
    expect((await adds(someone, key)).added).toBeUndefined();

    await factors.remove(someone.id, key.id);
    expect((await adds(another, key)).added).toBeDefined();
    expect(await factors.reset(another.id)).toBe(1);
    expect((await adds(someone, key)).added).toBeDefined();
  });

  it('a passkey that counts is refused when its counter does not go on: somebody has a copy', async () => {
    const { key } = await adds();
    for (const [counter, isTaken] of [
      [1, true],
      [2, true],
      [2, false],
      [1, false],
      [3, true],
    ] as const) {
      key.counter = counter;
      const signedIn = await (await asks('flow')).redeems(key);
      expect([counter, signedIn]).toEqual([counter, isTaken ? someone.id : undefined]);
    }
  });

  it('a passkey lets one of ten in who bring one answer, or one count, at once', async () => {
    const { key } = await adds();
    for (let round = 1; round <= 5; round++) {
      const { options, sends } = await asks('flow');
      const form = sends(key.get(options));
      const same = await Promise.all(Array.from({ length: 10 }, () => passkeys().redeem('flow', form)));
      expect(same.filter(Boolean)).toHaveLength(1);
    }
    key.counter = 7;
    const asked = await Promise.all(Array.from({ length: 10 }, () => asks('flow')));
    const counted = await Promise.all(asked.map(({ redeems }) => redeems(key)));
    expect(counted.filter(Boolean)).toHaveLength(1);
  });
});

it.each(['https://192.0.2.7/mcp', 'http://[::1]:3000', 'http://127.0.0.1'])(
  'there are no passkeys at %s: browsers make none',
  (issuer) => {
    const vault = createVault('a secret');
    const store = {} as never;
    const parts = {
      store,
      reads: createRequestReads(store),
      names: createRecordNames('', vault),
      vault,
      clock: createTestClock().clock,
    };
    expect(createFactors({ ...parts, issuer, brand: 'bkend' }).passkeys).toBeUndefined();
  },
);
