import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '../../src/clock.ts';
import {
  type Connections,
  createConnections,
  createRevocation,
  createRevocationFeed,
  createRevocations,
  type RevocationEntry,
  type Revocations,
} from '../../src/connections/index.ts';
import { type Store, StoreUnavailable } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { aConnection, dyingAfter, names, start as now, openConnections, toldOf } from './a-connection.ts';

/** A minute for what is under way, and five for the clocks of gateways. */
const margin = 360;
const hour = { at: now, until: now + 3600 + margin };
const connection = aConnection({ scopes: ['project:read'] });

let store: Store;
let clock: Clock;
let pass: (seconds: number) => void;
let revocations: Revocations;
let connections: Connections;
beforeEach(() => {
  ({ store, clock, pass, revocations, connections } = openConnections());
});
afterEach(() => store.close());

const resource = 'https://api.example.com/mcp';
const told = { kind: 'connection', id: 'grant-of-ada', resource: connection.resource, ...hour };
const connectionOf = (id: string) => ({ id, resource });

const entries = (): Promise<RevocationEntry[]> => toldOf(store);

describe('the feed is told', () => {
  it('of a connection, until every token of it has expired', async () => {
    await revocations.connectionEnded(connectionOf('grant-1'), 'revoked by the person');
    const entry = { kind: 'connection', id: 'grant-1', resource, ...hour, reason: 'revoked by the person' };
    expect(await entries()).toEqual([entry]);
  });

  it('of a single token, until it has expired for the most tolerant gateway', async () => {
    await revocations.tokenEnded({ jti: 'token-1', exp: now + 100, resource }, 'ended by the tool');
    const entry = { kind: 'token', id: 'token-1', resource, at: now, until: now + 400, reason: 'ended by the tool' };
    expect(await entries()).toEqual([entry]);
    expect(await revocations.isTokenRevoked('token-1')).toBe(true);
    expect(await revocations.isTokenRevoked('token-2')).toBe(false);
  });

  it('of a connection that was changed, with what its tokens say from now on', async () => {
    await revocations.connectionChanged({ ...connection, organizationId: 'org_globex' }, 'organization changed');
    const at = now + 5; // a refresh that is under way
    const reason = 'organization changed';
    const says = { organizationId: 'org_globex', scopes: ['project:read'] };
    expect(await entries()).toEqual([{ ...told, kind: 'change', ...says, at, reason }]);
  });

  it('of a membership, and of each connection that stood on it', async () => {
    await connections.begin(connection, 1000);
    await connections.begin({ ...connection, id: 'grant-for-globex', organizationId: 'org_globex' }, 1000);
    await createRevocation({ connections, revocations }).membershipEnded('ada', 'org_acme');
    expect(await entries()).toEqual([
      { kind: 'membership', accountId: 'ada', organizationId: 'org_acme', ...hour, reason: 'membership ended' },
      { ...told, reason: 'membership ended' },
    ]);
    expect(await connections.find('grant-for-globex')).toBeDefined();
  });

  it('of a disabled account, and of each of its connections', async () => {
    await connections.begin(connection, 1000);
    await createRevocation({ connections, revocations }).accountDisabled('ada');
    expect((await entries()).map(({ kind }) => kind)).toEqual(['membership', 'connection']);
    expect((await entries())[0]).toMatchObject({ accountId: 'ada', organizationId: '*', reason: 'account disabled' });
  });

  it('of a changed password, where the policy says so, after its sessions have ended', async () => {
    await connections.begin(connection, 1000);
    await createRevocation({ connections, revocations }).passwordChanged('ada');
    expect(await entries()).toEqual([]);

    const signedOut: string[] = [];
    const signOutEverywhere = async (accountId: string) => {
      expect(await entries()).toEqual([]);
      signedOut.push(accountId);
    };
    await createRevocation({ connections, revocations, signOutEverywhere }).passwordChanged('ada');
    expect(signedOut).toEqual(['ada']);
    expect((await entries()).map(({ kind, reason }) => [kind, reason])).toEqual([
      ['membership', 'password changed'],
      ['connection', 'password changed'],
    ]);
  });

  it('of a removed client: each of its connections, and no other', async () => {
    await connections.begin(connection, 1000);
    await connections.begin({ ...connection, id: 'grant-of-another', clientId: 'another' }, 1000);
    await createRevocation({ connections, revocations }).clientRemoved(connection.clientId);
    expect(await entries()).toEqual([{ ...told, reason: 'client removed' }]);
    expect(await connections.find('grant-of-another')).toBeDefined();
  });
});

describe('an operator', () => {
  it('ends one connection, and is told when there is none', async () => {
    await connections.begin(connection, 1000);
    const { endConnection } = createRevocation({ connections, revocations });

    expect(await endConnection('grant-of-ada')).toBe(true);
    expect(await endConnection('grant-of-ada')).toBe(false);

    expect(await entries()).toEqual([{ ...told, reason: 'revoked by the operator' }]);
    expect(await connections.find('grant-of-ada')).toBeUndefined();
  });
});

describe('a connection that is revoked while the server dies', () => {
  it.each([0, 1, 2])('after %d writes leaves nothing open that the gateways do not know of', async (writes) => {
    await connections.begin(connection, 1000);
    const dying = dyingAfter(writes, store, ['append', 'remove', 'unlist']);
    const tells = createRevocations({ store: dying, names, accessTokenTtl: 3600, clock });
    const ending = createConnections({ store: dying, names, revocations: tells, onEnded: () => undefined });

    await expect(ending.end('grant-of-ada', 'revoked by the person')).rejects.toThrow(StoreUnavailable);

    const isGone = (await connections.find('grant-of-ada')) === undefined;
    const isTold = (await entries()).length === 1;
    expect({ isGone, isTold }).toEqual({ isGone: writes === 2, isTold: writes >= 1 });
  });
});

describe('a revocation outlives every token that it is about', () => {
  const tell = (by: Revocations, id: string) => by.connectionEnded(connectionOf(id), 'signed out');
  const withLifetime = (accessTokenTtl: number) => createRevocations({ store, names, accessTokenTtl, clock });
  beforeEach(() => tell(revocations, 'grant-1'));

  it('also one of before the operator shortened their lifetime', async () => {
    await tell(withLifetime(600), 'grant-2');
    expect((await entries())[1]).toMatchObject({ until: now + 3600 + margin });
  });

  it('and not much longer, once those have expired', async () => {
    const shorter = withLifetime(600);
    await tell(shorter, 'grant-2');
    pass(2 * 3600);
    await tell(shorter, 'grant-3');
    expect((await entries()).at(-1)).toMatchObject({ id: 'grant-3', until: now + 2 * 3600 + 600 + margin });
  });

  it('and a longer lifetime counts at once', async () => {
    await tell(withLifetime(7200), 'grant-2');
    expect((await entries())[1]).toMatchObject({ until: now + 7200 + margin });
  });
});

describe('whoever follows the feed', () => {
  const idsOf = (batch: readonly { entry: string }[]) => batch.map(({ entry }) => JSON.parse(entry).id as string);

  it('hears of every entry once, in order, however they race', async () => {
    const feed = createRevocationFeed({ store, names });
    for (let round = 0; round < 50; round++) {
      const ending = new AbortController();
      const wanted = Array.from({ length: 10 }, (_, n) => `grant-${round}-${n}`);
      const follower = async () => {
        const seen: string[] = [];
        for await (const { entries } of feed.follow(undefined, ending.signal)) {
          seen.push(...idsOf(entries).filter((id) => wanted.includes(id)));
          if (seen.length >= wanted.length) return seen;
        }
        return seen;
      };
      const followers = [follower(), follower()];
      await Promise.all(wanted.map((id) => revocations.connectionEnded(connectionOf(id), 'signed out')));
      const [one, other] = await Promise.all(followers);
      ending.abort();
      expect([...(one ?? [])].sort()).toEqual([...wanted].sort());
      expect(other).toEqual(one);
    }
  });

  it('is told when nothing is missing, at once and page by page', async () => {
    for (let n = 0; n < 501; n++) await revocations.connectionEnded(connectionOf(`grant-${n}`), 'signed out');
    const ending = new AbortController();
    const batches = createRevocationFeed({ store, names }).follow(undefined, ending.signal);
    const [first, second] = [await batches.next(), await batches.next()];
    expect([first.value?.entries.length, first.value?.isCurrent]).toEqual([500, false]);
    expect([second.value?.entries.length, second.value?.isCurrent]).toEqual([1, true]);
    ending.abort();
    expect(await batches.next()).toEqual({ value: undefined, done: true });
  });

  it('is let go when the feed closes', async () => {
    const feed = createRevocationFeed({ store, names });
    const batches = feed.follow(undefined, new AbortController().signal);
    await batches.next();
    const next = batches.next();
    feed.close();
    expect(await next).toEqual({ value: undefined, done: true });
  });

  it('learns that the store is away, and has lost nothing', async () => {
    const broken = createSqliteStore(':memory:');
    await broken.close();
    const batches = createRevocationFeed({ store: broken, names }).follow(undefined, new AbortController().signal);
    await expect(batches.next()).rejects.toThrow(StoreUnavailable);
  });
});
