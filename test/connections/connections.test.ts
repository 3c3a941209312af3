import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connections, createConnections, type RevocationReason } from '../../src/connections/index.ts';
import type { Store } from '../../src/storage/index.ts';
import { days } from '../support/clock.ts';
import { aConnection, names, openConnections, start } from './a-connection.ts';

const connection = aConnection();

let store: Store;
let connections: Connections;
let pass: (seconds: number) => void;
let elsewhere: Connections;
let ended: [string, RevocationReason][];
beforeEach(() => {
  ended = [];
  const onEnded = (id: string, reason: RevocationReason) => void ended.push([id, reason]);
  const opened = openConnections({ onEnded });
  ({ store, connections, pass } = opened);
  elsewhere = createConnections({ store, names, revocations: opened.revocations, onEnded });
});
afterEach(() => store.close());

describe('a connection', () => {
  it('is found as it began', async () => {
    await connections.begin(connection, days(1));

    expect(await connections.find(connection.id)).toEqual(connection);
    expect(await connections.find('another')).toBeUndefined();
  });

  it('ends by itself when nothing extends it', async () => {
    await connections.begin(connection, days(1));
    pass(days(1) + 1);

    expect(await connections.find(connection.id)).toBeUndefined();
  });

  it('ends with all its lines of refresh tokens, and no other', async () => {
    const lines = ['line-1', 'line-2'].map((line) => names.refreshLine(connection.id, line));
    const other = names.refreshLine('grant-of-grace', 'line-1');
    await connections.begin({ ...connection, lines: ['line-1', 'line-2'] }, days(1));
    for (const key of [...lines, other]) await store.write(key, '{}', days(1));

    await connections.end(connection.id, 'revoked by the person');

    expect(ended).toEqual([[connection.id, 'revoked by the person']]);
    const gone = await store.readMany([names.connection(connection.id), ...lines]);
    expect(gone).toEqual([undefined, undefined, undefined]);
    expect(await store.read(other)).toBeDefined();
  });

  it('is told to have ended once, however many ask for its end at the same moment, here and elsewhere', async () => {
    await connections.begin(connection, days(1));
    const ends = (n: number) => (n % 2 ? connections : elsewhere).end(connection.id, 'signed out');
    await Promise.all(Array.from({ length: 20 }, (_, n) => ends(n)));

    expect(ended).toEqual([[connection.id, 'signed out']]);
    // One for each process that saw it alive; a gateway takes the second for what it knows.
    expect((await store.readFeed(names.revocations(), undefined, 100)).length).toBeLessThanOrEqual(2);
  });

  it('of a client ends with all others of it, and no other', async () => {
    await connections.begin(connection, days(1));
    await connections.begin({ ...connection, id: 'another' }, days(1));
    await connections.begin({ ...connection, id: 'of another tool', clientId: 'dyn-2' }, days(1));
    await connections.endOfClient(connection.clientId);

    expect(ended.map((each) => each.join(': ')).sort()).toEqual([
      'another: client removed',
      'grant-of-ada: client removed',
    ]);
    expect(await connections.find('of another tool')).toBeDefined();
  });

  it('that is gone already is ended without complaint', () =>
    expect(connections.end('nobody', 'membership ended')).resolves.toBeUndefined());
});

describe('an approval of what was approved before, and never redeemed,', () => {
  it('gives the tool as much time as the first one gave', async () => {
    const approve = (id: string) =>
      connections.approve({ connection: aConnection({ id, pending: true }), unticked: [] }, undefined, 100);
    await approve('first');
    pass(90);
    expect(await approve('second')).toMatchObject({ id: 'first' });
    pass(90);

    expect(await connections.find('first')).toBeDefined();
    pass(11);
    expect(await connections.find('first')).toBeUndefined();
  });
});

describe('an approval of a connection that is not as it was read any more', () => {
  const approval = { connection: aConnection({ id: 'new', scopes: ['project:read'] }), unticked: ['project:create'] };

  it('takes away what came to it and was unticked, and gateways are told first', async () => {
    const told: (readonly string[])[] = [];
    const here = openConnections({ onChanged: async ({ scopes }) => void told.push(scopes) });
    await here.connections.begin(aConnection({ scopes: ['project:read', 'project:create'] }), days(1));
    const seen = aConnection({ scopes: ['project:read'] });
    const after = await here.connections.approve(approval, seen, days(1));
    expect(after).toMatchObject({ id: seen.id, scopes: ['project:read'] });
    expect(told).toEqual([['project:read']]);
    await here.close();
  });

  it.each([
    ['has ended', undefined],
    ['has moved', aConnection({ organizationId: 'org_globex' })],
  ])('begins another one where that %s', async (_what, now) => {
    if (now) await connections.begin(now, days(1));
    // Of the very moment: nothing would change.
    const seen = { ...aConnection({ scopes: ['project:read'] }), approvedAt: start };
    expect(await connections.approve(approval, seen, days(1))).toMatchObject({ id: 'new' });
    expect(await connections.find('new')).toBeDefined();
    expect((await connections.find(seen.id))?.organizationId).toBe(now?.organizationId);
  });
});

describe('using a connection', () => {
  const lastUsed = async () => (await connections.find(connection.id))?.lastUsedAt;
  const touch = (later: number) => connections.touch(connection, start + later);
  beforeEach(() => connections.begin(connection, days(1)));

  it.each([
    [59, start],
    [60, start + 60],
  ])('%i seconds after the last time is remembered as %i', async (later, remembered) => {
    await touch(later);
    expect(await lastUsed()).toBe(remembered);
  });

  it('does not lengthen its life: only a refresh token does', async () => {
    await touch(3600);
    pass(days(1) + 1);
    expect(await lastUsed()).toBeUndefined();
  });

  it('does not bring back one that was revoked meanwhile', async () => {
    await connections.end(connection.id, 'membership ended');
    await touch(3600);
    expect(await lastUsed()).toBeUndefined();
  });

  it('is remembered beside what somebody else changed meanwhile', async () => {
    const changed = { ...connection, scopes: [] };
    await store.write(names.connection(connection.id), JSON.stringify(changed), days(1));
    await touch(3600);
    expect(await connections.find(connection.id)).toEqual({ ...changed, lastUsedAt: start + 3600 });
  });

  it('never becomes earlier: of two at once the later one counts', async () => {
    await touch(7200);
    await touch(3600);
    expect(await lastUsed()).toBe(start + 7200);
  });
});

describe('the organization of what was used last', () => {
  const last = () => connections.findLastOrganization('ada');
  let begun = 0;
  const begin = (id: string, organizationId: string, pending?: true) => {
    begun += 1;
    const what = { ...connection, id, organizationId, createdAt: start + begun, ...(pending && { pending }) };
    return connections.begin(what, days(1));
  };
  const redeem = async (id: string) => {
    const { pending: _pending, ...rest } = (await connections.find(id)) ?? connection;
    await store.write(names.connection(id), JSON.stringify(rest), days(30));
  };

  it('is remembered for each account, longer than the connection', async () => {
    await begin('grant', 'org_acme');
    await begin('grant-2', 'org_globex');
    pass(days(100));

    expect(await last()).toBe('org_globex');
    expect(await connections.findLastOrganization('grace')).toBeUndefined();
  });

  it('is none of what was approved and never redeemed, neither while that lives nor afterwards', async () => {
    await begin('grant-1', 'org_acme', true);
    expect(await last()).toBeUndefined();
    await redeem('grant-1');
    expect(await last()).toBe('org_acme');

    await begin('grant-2', 'org_globex', true);
    await begin('grant-3', 'org_initech', true);
    expect(await last()).toBe('org_acme');
    // Whoever has just chosen, and does so once more, finds it first.
    expect(await connections.findFirstOrganization('ada')).toBe('org_initech');
    pass(days(2));
    expect([await last(), await connections.findFirstOrganization('ada')]).toEqual(['org_acme', 'org_acme']);
  });

  it('stays so when its connection ends, once it was seen, and is forgotten with the account', async () => {
    await begin('grant-1', 'org_acme');
    await begin('grant-2', 'org_globex', true);
    await redeem('grant-2');
    expect(await last()).toBe('org_globex');
    await connections.end('grant-2', 'revoked by the person');
    expect(await last()).toBe('org_globex');

    await connections.end('grant-1', 'revoked by the person');
    await connections.forgetAccount('ada');
    expect(await last()).toBeUndefined();
  });
});
