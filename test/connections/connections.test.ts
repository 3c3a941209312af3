import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Connections,
  createConnections,
  createRevocations,
  type RevocationReason,
} from '../../src/connections/index.ts';
import { createRecordNames, createVault, type RecordNames, type Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { days, moveClock, startClock, stopClock } from '../support/clock.ts';
import { aConnection, start } from './a-connection.ts';

const names: RecordNames = createRecordNames('', createVault('a secret that only tests may know'));
const connection = aConnection();

let store: Store;
let connections: Connections;
let revoked: [string, RevocationReason][];
beforeEach(() => {
  stopClock();
  store = createSqliteStore(':memory:');
  revoked = [];
  const revocations = createRevocations({ store, names, accessTokenTtl: 3600 });
  connections = createConnections({ store, names, revocations, onRevoked: (...what) => revoked.push(what) });
});
afterEach(async () => {
  await store.close();
  startClock();
});

describe('a connection', () => {
  it('is found as it began', async () => {
    await connections.begin(connection, days(1));

    expect(await connections.find(connection.id)).toEqual(connection);
    expect(await connections.find('another')).toBeUndefined();
  });

  it('ends by itself when nothing extends it', async () => {
    await connections.begin(connection, days(1));
    moveClock(days(1) + 1);

    expect(await connections.find(connection.id)).toBeUndefined();
  });

  it('ends with its grant and everything issued under it', async () => {
    const token = names.artefact('RefreshToken', 'token-of-ada');
    const other = names.artefact('RefreshToken', 'token-of-grace');
    await connections.begin(connection, days(1));
    await store.write(keys.grant(connection.id), '{}', days(1));
    for (const key of [token, other]) await store.write(key, '{}', days(1));
    await store.addMember(keys.artefactsOfGrant(connection.id), token, days(1));

    await connections.revoke(connection.id, 'revoked by the person');

    expect(revoked).toEqual([[connection.id, 'revoked by the person']]);
    const gone = [keys.grant(connection.id), names.connection(connection.id), token];
    expect(await Promise.all(gone.map((key) => store.read(key)))).toEqual([undefined, undefined, undefined]);
    expect(await store.members(keys.artefactsOfGrant(connection.id))).toEqual([]);
    expect(await store.read(other)).toBeDefined();
  });

  it('that is gone already is ended without complaint', async () => {
    await expect(connections.revoke('nobody', 'membership ended')).resolves.toBeUndefined();
  });
});

describe('using a connection', () => {
  const lastUsed = async () => (await connections.find(connection.id))?.lastUsedAt;

  it.each([
    [59, start],
    [60, start + 60],
  ])('%i seconds after the last time is remembered as %i', async (later, remembered) => {
    await connections.begin(connection, days(1));
    await connections.touch(connection, start + later);

    expect(await lastUsed()).toBe(remembered);
  });

  it('does not lengthen its life: only a refresh token does', async () => {
    await connections.begin(connection, days(1));
    await connections.touch(connection, start + 3600);
    moveClock(days(1) + 1);

    expect(await lastUsed()).toBeUndefined();
  });

  it('does not bring back one that was revoked meanwhile', async () => {
    await connections.begin(connection, days(1));
    await connections.revoke(connection.id, 'membership ended');
    await connections.touch(connection, start + 3600);

    expect(await lastUsed()).toBeUndefined();
  });

  it('is remembered beside what somebody else changed meanwhile', async () => {
    await connections.begin(connection, days(1));
    const changed = { ...connection, scopes: [] };
    await store.write(names.connection(connection.id), JSON.stringify(changed), days(1));
    await connections.touch(connection, start + 3600);

    expect(await connections.find(connection.id)).toEqual({ ...changed, lastUsedAt: start + 3600 });
  });

  it('never becomes earlier: of two at once the later one counts', async () => {
    await connections.begin(connection, days(1));
    await connections.touch(connection, start + 7200);
    await connections.touch(connection, start + 3600);

    expect(await lastUsed()).toBe(start + 7200);
  });
});

describe('the organization chosen last', () => {
  it('is remembered for each account, longer than the connection', async () => {
    await connections.begin(connection, days(1));
    await connections.begin({ ...connection, id: 'grant-2', organizationId: 'org_globex' }, days(1));
    moveClock(days(100));

    expect(await connections.findLastOrganization('ada')).toBe('org_globex');
    expect(await connections.findLastOrganization('grace')).toBeUndefined();
  });
});
