import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, type Connections, createConnections } from '../../src/connections/index.ts';
import { createRecordNames, createVault, type RecordNames, type Store } from '../../src/storage/index.ts';
import { days } from '../support/clock.ts';
import { onEachStore } from '../support/each-store.ts';
import { eventually } from '../support/eventually.ts';
import { aConnection, start } from './a-connection.ts';

const vault = createVault('a secret that only tests may know');
const owners = [{ accountId: 'ada' }, { organizationId: 'org_acme' }, { clientId: 'dyn-tool' }];
const page = { number: 1, size: 50 };

onEachStore((current) => {
  let store: Store;
  let names: RecordNames;
  let connections: Connections;
  beforeEach(() => {
    store = current().store;
    names = createRecordNames(current().prefix, vault);
    const revocations = { connectionEnded: async () => undefined };
    connections = createConnections({ store, names, revocations, onEnded: () => undefined });
  });

  const many = (count: number, changes: Partial<Connection> = {}) =>
    Array.from({ length: count }, (_, n) => aConnection({ id: `grant-${n}`, createdAt: start + n, ...changes }));
  const write = (connection: Connection) =>
    store.write(names.connection(connection.id), JSON.stringify(connection), days(1));
  const formerSets = ({ accountId, organizationId, clientId }: Connection) => [
    names.formerConnectionsOfAccount(accountId),
    names.formerConnectionsOfOrganization(organizationId),
    names.formerConnectionsOfClient(clientId),
  ];
  /** As a version without lists left it. */
  async function leave(connection: Connection): Promise<void> {
    await write(connection);
    await Promise.all(formerSets(connection).map((set) => store.addMember(set, connection.id, days(32))));
  }

  describe('what sets of before hold', () => {
    it.each(owners)('is listed by %j: all that lives, in order, with what came since', async (owner) => {
      const before = many(700);
      await Promise.all(before.map(leave));
      await connections.begin(aConnection({ id: 'new', createdAt: start + 5000 }), days(1));
      await store.remove([names.connection('grant-3')]);
      const found = await connections.findPage(owner, page);
      expect(found).toMatchObject({ total: 700 });
      expect(found.connections.map(({ id }) => id).slice(0, 3)).toEqual(['new', 'grant-699', 'grant-698']);
      const [set = ''] = formerSets(aConnection()).slice(owners.indexOf(owner));
      expect(await store.someMembers(set, 1)).toEqual([]);
    });

    it.each(owners)('ends with what %j ends', async (owner) => {
      await Promise.all(many(60).map(leave));
      await connections.begin(aConnection({ id: 'new' }), days(1));
      expect(await connections.endAll(owner, 'client removed')).toBe(61);
      expect(await connections.find('grant-59')).toBeUndefined();
    });

    it('is listed once by readers at the same time, also when a server of before goes on adding', async () => {
      await Promise.all(many(300).map(leave));
      const [owner = { accountId: '' }] = owners;
      const late = many(20).map((each) => ({ ...each, id: `late-${each.id}` }));
      await Promise.all([...Array.from({ length: 5 }, () => connections.findPage(owner, page)), ...late.map(leave)]);
      expect(await connections.findPage(owner, page)).toMatchObject({ total: 320 });
    });

    it('of an organization from which it moved is not listed there', async () => {
      await leave(aConnection());
      await write(aConnection({ organizationId: 'org_globex' }));
      expect((await connections.findPage({ organizationId: 'org_acme' }, page)).connections).toEqual([]);
    });
  });

  describe('a count', () => {
    it('leaves out what expired unseen, because it is looked at when it is due', async () => {
      // Approved, and never redeemed: as long as a code and its token could have lived.
      await Promise.all(many(300).map((each) => connections.begin(each, 0.2)));
      await connections.begin(aConnection({ id: 'used', lines: ['line'], createdAt: start + 999 }), days(1));
      const until = (await store.now()) + 250;
      await eventually(async () => (await store.now()) >= until);
      const found = await connections.findPage({ accountId: 'ada' }, page);
      expect(found).toMatchObject({ total: 1, isExact: true });
      expect(found.connections.map(({ id }) => id)).toEqual(['used']);
    });

    it('is about as much while more are due than are looked at for one page, and exact soon', async () => {
      const entries = many(4000).map(({ id, createdAt }) => ({ member: id, position: createdAt, dueSeconds: -1 }));
      await Promise.all(many(4000).map(write));
      await store.enlist(names.connectionsOfAccount('ada'), entries, { ttlSeconds: days(1) });
      const owner = { accountId: 'ada' };
      expect(await connections.findPage(owner, page)).toMatchObject({ total: 4000, isExact: false });
      expect(await connections.findPage(owner, page)).toMatchObject({ total: 4000, isExact: true });
    });

    it.each(owners)(
      'and a page of %j leave out what was approved and never redeemed, wherever it stands',
      async (owner) => {
        const isPending = (n: number) => n % 17 === 0 || n > 112;
        const all = many(120).map((each, n): Connection => (isPending(n) ? { ...each, pending: true } : each));
        for (const each of all) await connections.begin(each, days(1));
        const expected = all.filter(({ pending }) => !pending).map(({ id }) => id);

        const pages = [];
        for (const number of [1, 2, 3]) pages.push(await connections.findPage(owner, { number, size: 50 }));
        expect(pages.map(({ total, isExact }) => [total, isExact])).toEqual(pages.map(() => [expected.length, true]));
        expect(pages.flatMap(({ connections: some }) => some.map(({ id }) => id))).toEqual(expected.reverse());

        // Redeemed: from then on it counts; what ends is ended all the same.
        const { pending: _pending, ...redeemed } = all.at(-1) as Connection;
        await write(redeemed);
        expect(await connections.findPage(owner, page)).toMatchObject({ total: expected.length + 1, isExact: true });
        expect(await connections.endAll(owner, 'client removed')).toBe(120);
      },
    );

    it('is that of the organization where they are now, and there they stay when they come back', async () => {
      await Promise.all(many(10).map((each) => connections.begin(each, days(1))));
      const count = async (organizationId: string) => (await connections.findPage({ organizationId }, page)).total;
      const move = (id: string, organizationId: string) =>
        connections.change(id, { organizationId, scopes: aConnection().scopes });
      await move('grant-1', 'org_globex');
      await move('grant-2', 'org_globex');
      expect([await count('org_acme'), await count('org_globex')]).toEqual([8, 2]);
      for (let round = 0; round < 50; round += 1) {
        await Promise.all([move('grant-1', 'org_acme'), move('grant-1', 'org_globex'), count('org_acme')]);
        const at = (await connections.find('grant-1'))?.organizationId ?? '';
        const { connections: listed } = await connections.findPage({ organizationId: at }, page);
        expect(listed.map(({ id }) => id)).toContain('grant-1');
      }
      await move('grant-1', 'org_acme');
      expect([await count('org_acme'), await count('org_globex')]).toEqual([9, 1]);
    });
  });
});
