import { describe, expect, it } from '@jest/globals';
import { type ConsoleRevocation, createReceiveEvents } from '../../src/console/index.ts';
import { fresh } from '../support/shared.ts';
import { errorsOf, sent, theEndpoints } from './endpoints.ts';
import { onEachStore, recorded } from './storage.ts';

const at = 1_795_827_672;
const membershipEnded = { id: 'e_1', type: 'membership.ended', account: 'u_1', organization: 'o_7', at };

describe('events', () => {
  const here = fresh(() => theEndpoints());
  const send = (body: unknown, more: object = {}) => here.endpoints.receiveEvents(sent(body, more));

  it.each([
    ['membership.ended', { account: 'u_1', organization: 'o_7' }, 'membershipEnded u_1 o_7'],
    ['role.changed', { account: 'u_1', organization: 'o_7' }, 'roleChanged u_1 o_7'],
    ['account.disabled', { account: 'u_1' }, 'accountDisabled u_1'],
    ['account.disabled', { account: 'u_1', organization: null }, 'accountDisabled u_1'],
    ['account.signed_out', { account: 'u_1' }, 'accountSignedOut u_1'],
    ['account.deleted', { account: 'u_1' }, 'accountDeleted u_1'],
    ['organization.deleted', { organization: 'o_7', account: null }, 'organizationDeleted o_7'],
  ])('%s ends what it names (%#)', async (type, about, ended) => {
    expect(await send([{ id: 'e_1', type, at, ...about }])).toMatchObject({ status: 200, body: { accepted: 1 } });
    expect(here.ended).toEqual([ended]);
  });

  it('make the directory be asked again', async () => {
    await send([membershipEnded]);
    expect(here.forgotten).toEqual(['u_1']);
  });

  it('may be none', async () => expect(await send([])).toMatchObject({ status: 200, body: { accepted: 0 } }));

  it('may be a thousand and not one more', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => ({ ...membershipEnded, id: `e_${n}` }));
    expect(await send(many(1000))).toMatchObject({ status: 200, body: { accepted: 1000 } });
    expect(here.ended).toHaveLength(1000);
    expect(errorsOf(await send(many(1001)))).toEqual([' must be at most 1000 events']);
  });

  it('are all checked before any of them is done', async () => {
    expect(await send([membershipEnded, { ...membershipEnded, id: '' }])).toMatchObject({ status: 422 });
    expect(here.ended).toEqual([]);
  });

  it('name every member that is wrong', async () => {
    const response = await send([
      { id: 7, type: 'membership.ended', at: 'now', more: 1 },
      membershipEnded,
      { id: 'e_2', type: 'account.vanished', at },
      { id: 'e_3', type: 'organization.deleted', account: 'u_1', at },
      'e_4',
    ]);
    expect(errorsOf(response)).toEqual([
      '[0].id must be a text',
      '[0].at must be a whole number of seconds since the epoch',
      '[0].more is not a known member',
      '[0].account is missing: this type of event is about one',
      '[0].organization is missing: this type of event is about one',
      expect.stringMatching(/^\[2\]\.type must be one of membership\.ended, role\.changed, /),
      '[3].organization is missing: this type of event is about one',
      '[4] must be an object',
    ]);
  });

  it.each([
    ['without a credential', { authorization: undefined }, 401],
    ['in another content type', { contentType: 'text/plain' }, 415],
    ['of more than a MiB', { body: Buffer.alloc(1024 * 1024 + 1, ' ') }, 413],
    ['that are no JSON', { body: Buffer.from('[') }, 400],
    ['that are no list', { body: Buffer.from('{}') }, 422],
    ['that are half a million numbers', { body: Buffer.from(`[${'0,'.repeat(500_000)}0]`) }, 422],
    ['that are nested', { body: Buffer.from('['.repeat(500_000) + ']'.repeat(500_000)) }, 422],
  ])('%s are refused', async (_name, more, status) => {
    expect(await send([membershipEnded], more)).toMatchObject({ status });
    expect(here.ended).toEqual([]);
  });
});

onEachStore((storage) => {
  describe('an event', () => {
    it('that was seen before is accepted and does nothing', async () => {
      const here = theEndpoints({ storage: storage() });
      for (const _again of [1, 2]) {
        const answer = await here.endpoints.receiveEvents(sent([membershipEnded, membershipEnded]));
        expect(answer).toMatchObject({ status: 200, body: { accepted: 2 } });
      }
      expect(here.ended).toEqual(['membershipEnded u_1 o_7']);
    });

    it('that could not be acted on is not remembered: the console sends it again', async () => {
      const here = theEndpoints();
      const events = [{ ...membershipEnded, type: 'membership.ended' as const }];
      const receive = (revocation: ConsoleRevocation) =>
        createReceiveEvents({ storage: storage(), revocation })(events);
      const away = () => Promise.reject(new Error('the store is away'));
      await expect(receive({ ...here.revocation, membershipEnded: away })).rejects.toThrow('away');
      expect(await receive(here.revocation)).toEqual({ accepted: 1 });
      expect(here.ended).toEqual(['membershipEnded u_1 o_7']);
    });

    it('is remembered for fourteen days, under a hash', async () => {
      const { storage: seen, writes } = recorded(storage());
      await theEndpoints({ storage: seen }).endpoints.receiveEvents(sent([membershipEnded]));
      const key = expect.not.stringContaining('e_1');
      expect(writes).toEqual([{ key, value: expect.any(String), ttlSeconds: 1_209_600 }]);
    });
  });
});
