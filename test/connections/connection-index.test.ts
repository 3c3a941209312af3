import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.ts';
import {
  type Connection,
  type Connections,
  createConnections,
  createRevocations,
} from '../../src/connections/index.ts';
import { createRecordNames, createVault, type RecordNames, type Store } from '../../src/storage/index.ts';
import { days } from '../support/clock.ts';
import { onEachStore } from '../support/each-store.ts';
import { aConnection, names as fixedNames, openConnections, start } from './a-connection.ts';

const rounds = 50;
const vault = createVault('a secret that only tests may know');
const idsOf = (found: readonly Connection[]) => found.map(({ id }) => id);
const countOf = async (store: Store, list: string) => (await store.readList(list, { limit: 100 })).entries.length;
type Owner = Parameters<Connections['slicesOf']>[0];
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
    connections = createConnections({
      store,
      names,
      revocations: createRevocations({ store, names, accessTokenTtl: 3600, clock: systemClock }),
      onEnded: () => undefined,
      onChanged: ({ id }, reason) => {
        changes.push([id, reason]);
      },
    });
  });

  const begin = (connection: Connection) => connections.begin(connection, days(1));

  describe('a connection', () => {
    it('is found by its account, its organization and its client, the last approved first', async () => {
      await begin(aConnection({ id: 'first' }));
      await begin(aConnection({ id: 'second', createdAt: start + 60 }));
      await begin(aConnection({ id: 'other', accountId: 'grace', organizationId: 'org_globex', clientId: 'dyn-2' }));

      expect(await idsBy(connections, { accountId: 'ada' })).toEqual(['second', 'first']);
      expect(await idsBy(connections, { organizationId: 'org_acme' })).toEqual(['second', 'first']);
      expect(await idsBy(connections, { clientId: 'dyn-tool' })).toEqual(['second', 'first']);
      expect(await idsBy(connections, { clientId: 'dyn-2' })).toEqual(['other']);
      expect(await idsBy(connections, { accountId: 'nobody' })).toEqual([]);
    });

    it.each(['was ended', 'expired'])('that %s is no longer found, and leaves no trace', async (how) => {
      const { id, accountId, organizationId, clientId } = aConnection();
      await begin(aConnection());
      if (how === 'was ended') await connections.end(id, 'revoked by the person');
      else await store.remove([names.connection(id)]);

      expect(await idsBy(connections, { accountId })).toEqual([]);
      expect(await idsBy(connections, { organizationId })).toEqual([]);
      expect(await idsBy(connections, { clientId })).toEqual([]);
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
      await connections.change('grant-of-ada', { organizationId: 'org_globex', scopes });
      expect(await idsBy(connections, { organizationId: 'org_acme' })).toEqual([]);
      expect(await idsBy(connections, { organizationId: 'org_globex' })).toEqual(['grant-of-ada']);

      await connections.change('grant-of-ada', { organizationId: 'org_acme', scopes });
      expect(await idsBy(connections, { organizationId: 'org_acme' })).toEqual(['grant-of-ada']);
      expect(await idsBy(connections, { organizationId: 'org_globex' })).toEqual([]);
    });
  });

  describe('changing a connection', () => {
    it('narrows its record, and nothing else of it', async () => {
      await begin(aConnection());
      await connections.change('grant-of-ada', { organizationId: 'org_acme', scopes: ['project:read', 'table:read'] });

      expect(await connections.find('grant-of-ada')).toEqual(aConnection({ scopes: ['project:read'] }));
      expect(changes).toEqual([['grant-of-ada', 'permissions narrowed']]);
    });

    it('says that the organization is another one, and says it again when it is asked for again', async () => {
      await begin(aConnection());
      const change = { organizationId: 'org_globex', scopes: ['project:read'] };
      await connections.change('grant-of-ada', change);
      await connections.change('grant-of-ada', change);
      expect(changes.map(([id]) => id)).toEqual(['grant-of-ada', 'grant-of-ada']);
      expect(changes[0]).toEqual(['grant-of-ada', 'organization changed']);
    });

    it('that is gone finds nothing and brings nothing back', async () => {
      await begin(aConnection());
      await connections.end('grant-of-ada', 'revoked by the person');
      const change = { organizationId: 'org_globex', scopes: ['project:read'] };

      expect(await connections.change('grant-of-ada', change)).toBeUndefined();
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
        expect(await connections.find(id)).toEqual({
          ...connection,
          label: 'Mine',
          lastUsedAt: start + 3600,
          scopes: ['project:create'],
        });
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
  let opened: ReturnType<typeof openConnections>;
  beforeEach(() => {
    opened = openConnections({ refreshTokenTtl: days(30) });
  });
  afterEach(() => opened.store.close());

  it('lives as long as it is used, however long that is', async () => {
    const { connections, store, clock, pass } = opened;
    await connections.begin(aConnection(), days(31));
    for (let month = 0; month < 24; month += 1) {
      pass(days(30) - 1);
      const connection = (await connections.find('grant-of-ada')) as Connection;
      await connections.touch(connection, clock.seconds());
      await store.extend([fixedNames.connection('grant-of-ada')], days(31));
    }
    for (const owner of [{ accountId: 'ada' }, { organizationId: 'org_acme' }, { clientId: 'dyn-tool' }])
      expect(await idsBy(connections, owner as Owner)).toEqual(['grant-of-ada']);
  });

  it('goes by itself when nothing is used any more', async () => {
    const { connections, store, pass } = opened;
    await connections.begin(aConnection(), days(30));
    pass(days(30 + 102) + 1);
    expect(await countOf(store, fixedNames.connectionsOfClient('dyn-tool'))).toBe(0);
  });
});
