import { describe, expect, it } from '@jest/globals';
import { createInstallations } from '../../src/connections/installations.ts';
import { asOneRequest, createRecordNames, createVault, openStore, type Store } from '../../src/storage/index.ts';
import { closing } from '../support/closing.ts';
import { fresh } from '../support/shared.ts';
import { aConnection } from './a-connection.ts';

describe('the connection of an installation, whose place this process has seen before,', () => {
  const store = fresh(() => closing(openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined)));
  const names = createRecordNames('', createVault('a secret of at least thirty-two characters'));
  const [known, other] = ['known', 'other'].map((id) => aConnection({ id })) as [Connection, Connection];
  type Connection = ReturnType<typeof aConnection>;

  /** What is read is told to `onRead`, which may refuse it. */
  const open = (onRead: (keys: readonly string[]) => void) => {
    const readMany: Store['readMany'] = async (keys) => {
      onRead(keys);
      return store.readMany(keys);
    };
    const over = new Proxy(store, {
      get: (of, verb) => (verb === 'readMany' ? readMany : Reflect.get(of, verb).bind(of)),
    });
    return createInstallations({ store: over, names, ttlSeconds: 60 });
  };
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
    const reads: number[] = [];
    const installations = open((keys) => reads.push(keys.length));
    await keep(known);
    await installations.claim(known);
    expect([await find(installations), await find(installations)]).toEqual([['known'], ['known']]);
    expect(reads).toEqual([2, 2]);
  });

  it('is another one where somebody else has taken the place since, and none where it is vacant', async () => {
    const installations = open(() => undefined);
    await Promise.all([keep(known), keep(other)]);
    await installations.claim(known);
    await store.write(place(), JSON.stringify({ connection: 'other' }), 60);
    expect(await find(installations)).toEqual(['other']);
    await store.remove([place()]);
    expect([await find(installations), await find(installations)]).toEqual([[], []]);
  });

  it('is found though the node is away that has what was guessed', async () => {
    const away = names.connection('known');
    const installations = open((keys) => {
      if (keys.includes(away)) throw new Error('away');
    });
    await keep(other);
    await installations.claim(known);
    await store.write(place(), JSON.stringify({ connection: 'other' }), 60);
    expect(await find(installations)).toEqual(['other']);
  });
});
