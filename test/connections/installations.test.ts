import { describe, expect, it, jest } from '@jest/globals';
import type { Connection } from '../../src/connections/index.ts';
import { createInstallations } from '../../src/connections/installations.ts';
import { asOneRequest, createRecordNames, createVault, openStore } from '../../src/storage/index.ts';
import { closing } from '../support/closing.ts';
import { fresh } from '../support/shared.ts';
import { aConnection } from './a-connection.ts';

describe('the connection of an installation, whose place this process has seen before,', () => {
  const store = fresh(() => closing(openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined)));
  const names = createRecordNames('', createVault('a secret of at least thirty-two characters'));
  const [known, other] = ['known', 'other'].map((id) => aConnection({ id })) as [Connection, Connection];

  const open = () => createInstallations({ store, names, ttlSeconds: 60 });
  const keep = (connection: Connection) => store.write(names.connection(connection.id), JSON.stringify(connection), 60);
  const find = (installations: ReturnType<typeof open>) => {
    const { accountId, clientId, resource, organizationId } = known;
    const installation = { accountId, clientId, resources: [resource] };
    return asOneRequest(async () => (await installations.find(installation, [organizationId])).map(({ id }) => id));
  };
  const place = () => {
    const { accountId, clientId, resource, organizationId } = known;
    return names.installation([accountId, clientId, '', resource, organizationId]);
  };

  it('is read with the place', async () => {
    const reads = jest.spyOn(store, 'readMany');
    const installations = open();
    await keep(known);
    await installations.claim(known);
    expect([await find(installations), await find(installations)]).toEqual([['known'], ['known']]);
    expect(reads.mock.calls.map(([keys]) => keys.length)).toEqual([2, 2]);
  });

  it('is another one where somebody else has taken the place since, and none where it is vacant', async () => {
    const installations = open();
    await Promise.all([keep(known), keep(other)]);
    await installations.claim(known);
    await store.write(place(), JSON.stringify({ connection: 'other' }), 60);
    expect(await find(installations)).toEqual(['other']);
    await store.remove([place()]);
    expect([await find(installations), await find(installations)]).toEqual([[], []]);
  });

  it('is found though the node is away that has what was guessed', async () => {
    const away = names.connection('known');
    const readMany = store.readMany.bind(store);
    store.readMany = async (keys) => {
      if (keys.includes(away)) throw new Error('away');
      return readMany(keys);
    };
    const installations = open();
    await keep(other);
    await installations.claim(known);
    await store.write(place(), JSON.stringify({ connection: 'other' }), 60);
    expect(await find(installations)).toEqual(['other']);
  });
});
