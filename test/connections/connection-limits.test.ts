import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RevokedTokens } from '../../gateway/src/revoked-tokens.ts';
import { createConnectionLimits } from '../../src/connections/connection-limits.ts';
import type { Connections } from '../../src/connections/index.ts';
import type { Store } from '../../src/storage/index.ts';
import { days, minutes } from '../support/clock.ts';
import { aConnection, names, openConnections, start, toldOf } from './a-connection.ts';

const { id, accountId, scopes } = aConnection();

let store: Store;
let connections: Connections;
let pass: (seconds: number) => void;
beforeEach(async () => {
  ({ store, connections, pass } = openConnections());
  await connections.begin(aConnection(), days(1));
});
afterEach(() => store.close());

async function repeated(times: number, action: () => Promise<unknown>) {
  for (let time = 0; time < times; time += 1) await action();
}

describe('a connection', () => {
  it('may be changed 20 times an hour', async () => {
    const admit = (of = id) => connections.admitChange(of, { organizationId: 'org_acme', scopes: [] });
    await repeated(20, async () => expect(await admit()).toEqual({ allowed: true }));
    pass(minutes(10));
    expect(await admit()).toEqual({ allowed: false, retryAfterSeconds: minutes(50) });
    expect(await admit('another')).toEqual({ allowed: true });
    pass(minutes(50));
    expect(await admit()).toEqual({ allowed: true });
  });

  it('may have 60 access tokens revoked alone within an hour', async () => {
    await repeated(60, async () => expect(await connections.admitRevokedToken(id)).toBe(true));
    expect(await connections.admitRevokedToken(id)).toBe(false);
    expect(await connections.admitRevokedToken('another')).toBe(true);
    pass(minutes(60));
    expect(await connections.admitRevokedToken(id)).toBe(true);
  });
});

describe('a connection that moves to another organization and back', () => {
  /** As the pages do it. */
  async function moves(organizationId: string) {
    const admission = await connections.admitChange(id, { organizationId, scopes: [] });
    if (admission.allowed) await connections.change(id, { organizationId, scopes });
    return admission;
  }
  const token = (organizationId: string, issuedAt: number) => {
    const who = { connectionId: id, accountId, organizationId, organizationRole: 'member' };
    return { tokenId: `${organizationId} ${issuedAt}`, ...who, scopes: [...scopes], issuedAt };
  };

  it('waits for its turn, so that no gateway refuses what is true, nor takes back what it refused', async () => {
    await moves('org_globex');
    const back = moves('org_acme');
    expect((await connections.find(id))?.organizationId).toBe('org_globex');
    pass(7);
    expect(await back).toEqual({ allowed: true });

    const revoked = new RevokedTokens();
    revoked.add(await toldOf(store));
    const isRefused = (organizationId: string, issuedAt: number) =>
      revoked.includes(token(organizationId, start + issuedAt));
    for (const issuedAt of [7, 8]) expect(isRefused('org_acme', issuedAt)).toBe(false);
    const refused = [isRefused('org_acme', -1), isRefused('org_acme', 1), isRefused('org_globex', 3)];
    expect(refused).toEqual([true, true, true]);
  });

  it('does not wait for what it is changed for already', async () => {
    await moves('org_globex');
    expect(await moves('org_globex')).toEqual({ allowed: true });
  });

  it('is told to come back when its turn does not come', async () => {
    const limits = createConnectionLimits({ store, names, lockTimeoutMs: 300 });
    const admit = (organizationId: string) => limits.admitChange(id, { organizationId, scopes: [] });
    expect(await admit('org_globex')).toEqual({ allowed: true });
    expect(await admit('org_acme')).toEqual({ allowed: false, retryAfterSeconds: 7 });
  });
});
