import { beforeAll, describe, expect, it } from '@jest/globals';
import { openStore, type Store } from '../../src/storage/index.ts';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { isOwnLook } from '../support/own-looks.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

describe('what a request asks of the store', () => {
  const calls: string[] = [];
  const store = shared(() => openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined));
  const server = shared(() => startServer({ parts: { store: counting(store) } }));
  // The first revocation of a process remembers how long tokens live.
  beforeAll(async () => {
    const { client, refreshToken } = await connect(server);
    await client.post('revoke', { token: refreshToken });
  });

  function counting(counted: Store): Store {
    return new Proxy(counted, {
      get(target, name) {
        const method = Reflect.get(target, name).bind(target);
        return (...given: unknown[]) => {
          if (!isOwnLook(name, given)) calls.push(String(name));
          return method(...given);
        };
      },
    });
  }
  async function callsOf(act: () => Promise<{ status: number }>): Promise<string[]> {
    calls.length = 0;
    expect((await act()).status).toBe(200);
    return [...calls];
  }

  it('to revoke a refresh token is at most twelve calls, and one entry for the gateways', async () => {
    const { client, refreshToken } = await connect(server);
    const made = await callsOf(() => client.post('revoke', { token: refreshToken }));
    expect(made.length).toBeLessThanOrEqual(12);
    expect(made.filter((call) => call === 'append')).toHaveLength(1);
    expect(made.filter((call) => call === 'remove')).toHaveLength(1);
  });

  it('to revoke one that has ended is a look, and no entry', async () => {
    const { client, refreshToken } = await connect(server);
    await client.post('revoke', { token: refreshToken });
    const made = await callsOf(() => client.post('revoke', { token: refreshToken }));
    expect(made.filter((call) => !call.startsWith('read'))).toEqual([]);
  });

  it('to refresh is two calls: what was presented and for whom, and the step of the line', async () => {
    const { client, refreshToken } = await connect(server);
    expect(await callsOf(() => client.refresh(refreshToken))).toEqual(['readMany', 'advance']);
  });

  it('to register is four calls, and one look that gives the process its places among the unused', async () => {
    const made = await callsOf(async () => registerClient(server.issuer).then(() => ({ status: 200 })));
    expect(made.filter((call) => call !== 'count').sort()).toEqual(['addMember', 'exchange', 'write', 'write']);
  });

  it('to approve once more, signed in anew, is at most sixty-two calls', async () => {
    // Eight of them so that each of two forms and of two steps is answered once, however often it is sent.
    const { client, person } = await connect(server);
    await (await approve(client, person)).redeem();
    const stranger = createPerson(server.origin);
    const made = await callsOf(async () => (await approve(client, stranger)).redeem());
    expect(made.filter((call) => call !== 'count').length).toBeLessThanOrEqual(62);
  });

  it('to redeem a code is one step that writes', async () => {
    const { client, person } = await connect(server);
    const { redeem } = await approve(client, person);
    const made = await callsOf(redeem);
    expect(made.filter((call) => !call.startsWith('read'))).toEqual(['take']);
  });
});
