import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Connection, Connections } from '../../src/connections/index.ts';
import { createRecordNames, createVault, type RecordNames, type Store } from '../../src/storage/index.ts';
import { days } from '../support/clock.ts';
import { onEachStore } from '../support/each-store.ts';
import { shared } from '../support/shared.ts';
import { aConnection, connectionsOver, names as fixedNames, openConnections, start } from './a-connection.ts';

const rounds = 50;
const vault = createVault('a secret that only tests may know');
const idsOf = (found: readonly Connection[]) => found.map(({ id }) => id);
const countOf = async (store: Store, list: string) => (await store.readList(list, { limit: 100 })).entries.length;
type Owner = Parameters<Connections['slicesOf']>[0];
const owners: Owner[] = [{ accountId: 'ada' }, { organizationId: 'org_acme' }, { clientId: 'dyn-tool' }];
async function idsBy(from: Connections, owner: Owner): Promise<string[]> {
  const found: string[] = [];
  for await (const slice of from.slicesOf(owner)) found.push(...idsOf(slice));
  return found;
}

onEachStore((current) => {
  let store: Store;
  let names: RecordNames;
  let connections: Connections;
  let changes: [string, string][];
  beforeEach(() => {
    changes = [];
    store = current().store;
    names = createRecordNames(current().prefix, vault);
    const onChanged = ({ id }: { id: string }, reason: string) => void changes.push([id, reason]);
    connections = connectionsOver(store, { names, onChanged }).connections;
  });

  const begin = (connection: Connection) => connections.begin(connection, days(1));

  describe('a connection', () => {
    it('is found by its account, its organization and its client, the last approved first', async () => {
      await begin(aConnection({ id: 'first' }));
      await begin(aConnection({ id: 'second', createdAt: start + 60 }));
      await begin(aConnection({ id: 'other', accountId: 'grace', organizationId: 'org_globex', clientId: 'dyn-2' }));

      for (const owner of owners) expect(await idsBy(connections, owner)).toEqual(['second', 'first']);
      expect(await idsBy(connections, { clientId: 'dyn-2' })).toEqual(['other']);
      expect(await idsBy(connections, { accountId: 'nobody' })).toEqual([]);
    });

    it.each(['was ended', 'expired'])('that %s is no longer found, and leaves no trace', async (how) => {
      const { id, accountId, organizationId, clientId } = aConnection();
      await begin(aConnection());
      if (how === 'was ended') await connections.end(id, 'revoked by the person');
      else await store.remove([names.connection(id)]);

      for (const owner of owners) expect(await idsBy(connections, owner)).toEqual([]);
      const sets = [
        names.connectionsOfAccount(accountId),
        names.connectionsOfOrganization(organizationId),
        names.connectionsOfClient(clientId),
      ];
      expect(await Promise.all(sets.map((set) => countOf(store, set)))).toEqual([0, 0, 0]);
    });

    it('that moved is found where it is, also after it moved back', async () => {
      await begin(aConnection());
      const { scopes } = aConnection();
      for (const [from, to] of [
        ['org_acme', 'org_globex'],
        ['org_globex', 'org_acme'],
      ] as const) {
        await connections.change('grant-of-ada', { organizationId: to, scopes });
        expect(await idsBy(connections, { organizationId: from })).toEqual([]);
        expect(await idsBy(connections, { organizationId: to })).toEqual(['grant-of-ada']);
      }
    });
  });

  describe('changing a connection', () => {
    const toGlobex = { organizationId: 'org_globex', scopes: ['project:read'] };

    it('narrows its record, and nothing else of it', async () => {
      await begin(aConnection());
      await connections.change('grant-of-ada', { organizationId: 'org_acme', scopes: ['project:read', 'table:read'] });

      expect(await connections.find('grant-of-ada')).toEqual(aConnection({ scopes: ['project:read'] }));
      expect(changes).toEqual([['grant-of-ada', 'permissions narrowed']]);
    });

    it('says that the organization is another one, and says it again when it is asked for again', async () => {
      await begin(aConnection());
      await connections.change('grant-of-ada', toGlobex);
      await connections.change('grant-of-ada', toGlobex);
      expect(changes.map(([id]) => id)).toEqual(['grant-of-ada', 'grant-of-ada']);
      expect(changes[0]).toEqual(['grant-of-ada', 'organization changed']);
    });

    it('that is gone finds nothing and brings nothing back', async () => {
      await begin(aConnection());
      await connections.end('grant-of-ada', 'revoked by the person');

      expect(await connections.change('grant-of-ada', toGlobex)).toBeUndefined();
      expect(await connections.rename('grant-of-ada', 'Back again')).toBeUndefined();
      expect(await store.read(names.connection('grant-of-ada'))).toBeUndefined();
      expect(changes).toEqual([]);
    });
  });

  describe('at the same time', () => {
    it(`a new name, a use and a narrowing are all kept (${rounds} rounds)`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const connection = aConnection({ id: `grant-${round}` });
        const { id, organizationId } = connection;
        await begin(connection);
        await Promise.all([
          connections.rename(id, 'Mine'),
          connections.touch(connection, start + 3600),
          connections.change(id, { organizationId, scopes: ['project:read', 'project:create'] }),
          connections.change(id, { organizationId, scopes: ['project:create', 'project:delete'] }),
        ]);
        const kept = { label: 'Mine', lastUsedAt: start + 3600, scopes: ['project:create'] };
        expect(await connections.find(id)).toEqual({ ...connection, ...kept });
      }
    });

    it(`an end and a change leave nothing behind (${rounds} rounds)`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const connection = aConnection({ id: `grant-${round}` });
        const { id } = connection;
        await begin(connection);
        await Promise.all([
          connections.end(id, 'revoked by the person'),
          connections.change(id, { organizationId: 'org_globex', scopes: ['project:read'] }),
          connections.rename(id, 'Mine'),
          connections.touch(connection, start + days(1)),
        ]);
        expect(await connections.find(id)).toBeUndefined();
      }
      expect(await idsBy(connections, { accountId: 'ada' })).toEqual([]);
    });

    it(`listing while connections begin loses none (${rounds} rounds)`, async () => {
      const begun = Array.from({ length: rounds }, (_, round) => aConnection({ id: `grant-${round}` }));
      await Promise.all(begun.flatMap((each) => [begin(each), idsBy(connections, { accountId: 'ada' })]));
      expect((await idsBy(connections, { accountId: 'ada' })).sort()).toEqual(idsOf(begun).sort());
    });
  });
});

describe('what finds a connection', () => {
  const opened = shared(() => openConnections({ refreshTokenTtl: days(30) }));
  const other = shared(() => openConnections({ refreshTokenTtl: days(30) }));

  it('lives as long as it is used, however long that is', async () => {
    const { connections, store, clock, pass } = opened;
    await connections.begin(aConnection(), days(31));
    for (let month = 0; month < 24; month += 1) {
      pass(days(30) - 1);
      const connection = (await connections.find('grant-of-ada')) as Connection;
      await connections.touch(connection, clock.seconds());
      await store.extend([fixedNames.connection('grant-of-ada')], days(31));
    }
    for (const owner of owners) expect(await idsBy(connections, owner)).toEqual(['grant-of-ada']);
  });

  it('goes by itself when nothing is used any more', async () => {
    const { connections, store, pass } = other;
    await connections.begin(aConnection(), days(30));
    pass(days(30 + 102) + 1);
    expect(await countOf(store, fixedNames.connectionsOfClient('dyn-tool'))).toBe(0);
  });
});
