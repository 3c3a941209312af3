import { describe, expect, it } from '@jest/globals';
import { type Answer, createChallenges, type Ticket } from '../../src/console/index.ts';
import { fresh } from '../support/shared.ts';
import { aClock, aStorage, onEachStore, recorded } from './storage.ts';

const asked = {
  client: { name: 'Editor', host: 'editor.example', verified: true },
  redirect_host: 'localhost',
  resource: 'https://api.example.com/mcp',
  scopes: ['project:read'],
  ui_locales: ['ko', 'en'],
};
const request = { interactionUid: 'interaction-1', lifetimeSeconds: 3600, asked };

/** Whoever it is, the email is the same: the id is the account. */
const accepted = (id: string, auth_time = 1_795_827_672): Answer => ({
  kind: 'accepted',
  body: { account: { id, email: 'ada@example.com', email_verified: true }, auth_time },
});
const rejected: Answer = { kind: 'rejected', body: { error: 'access_denied', message: 'No.' } };
const random256 = /^[A-Za-z0-9_-]{43}$/;

onEachStore((storage) => {
  const here = fresh(() => {
    const clock = aClock();
    const { storage: seen, writes } = recorded(storage());
    const challenges = createChallenges(seen, clock);
    return { ...challenges, clock, writes, create: (more: object = {}) => challenges.create({ ...request, ...more }) };
  });
  const answer = (challenge: string, by = accepted('u_1')) => here.answer(challenge, by);
  const answered = async (challenge: string, by = accepted('u_1')) => (await here.answer(challenge, by)) as Ticket;
  const aTicket = async (by = accepted('u_1')) => (await answered(await here.create(), by)).ticket;
  const redeem = (ticket: string) => here.redeem(ticket, 'interaction-1');

  describe('a challenge', () => {
    it('is 256 bits as base64url, and no two are the same', async () => {
      const [one, other] = [await here.create(), await here.create()];
      expect(one).toMatch(random256);
      expect(one).not.toBe(other);
    });

    it('is kept as a hash, and so is its ticket', async () => {
      const challenge = await here.create();
      const { ticket } = await answered(challenge);
      const reads = here.writes.map(async ({ key }) => `${key} ${(await storage().store.read(key))?.value}`);
      const kept = await Promise.all(reads);
      expect(kept).toHaveLength(2);
      for (const secret of [challenge, ticket]) expect(kept.join()).not.toContain(secret);
    });

    it('pushes out the oldest where strangers ask for more than there are places for', async () => {
      const bounded = createChallenges(aStorage(storage().store, 'bounded:', 3), here.clock);
      const all = [];
      for (let time = 0; time < 5; time += 1) all.push(await bounded.create(request));
      const described = await Promise.all(all.map(bounded.describe));
      expect(described.map((each) => each === 'unknown')).toEqual([true, true, false, false, false]);
    });

    it('says who asks, and until when', async () => {
      const challenge = await here.create();
      expect(await here.describe(challenge)).toEqual({ ...asked, expires_at: here.clock.seconds() + 600 });
    });

    it('lives ten minutes at most', async () => {
      const challenge = await here.create();
      here.clock.move(599);
      expect(await here.describe(challenge)).toMatchObject({ scopes: ['project:read'] });
      here.clock.move(1);
      expect([await here.describe(challenge), await answer(challenge)]).toEqual(['expired', 'expired']);
    });

    it('lives no longer than its interaction', async () => {
      const challenge = await here.create({ lifetimeSeconds: 30 });
      here.clock.move(30);
      expect(await answer(challenge)).toBe('expired');
    });

    it('that nobody made is unknown', async () => {
      expect([await here.describe('A'.repeat(43)), await answer('')]).toEqual(['unknown', 'unknown']);
    });

    it('is answered for one account', async () => {
      const challenge = await here.create();
      await answered(challenge);
      expect(await answer(challenge, accepted('u_2'))).toBe('answered');
      expect(await answer(challenge, rejected)).toBe('answered');
    });

    it('that was rejected is not accepted afterwards', async () => {
      const challenge = await here.create();
      await answered(challenge, rejected);
      expect(await answer(challenge)).toBe('answered');
    });

    it('is answered for one account even when two answers race', async () => {
      const challenge = await here.create();
      const answers = await Promise.all(['u_1', 'u_2'].map((id) => answer(challenge, accepted(id))));
      expect(answers.filter((each) => each === 'answered')).toHaveLength(1);
    });

    it('takes twenty repetitions at once, of which one ticket lives', async () => {
      const challenge = await here.create();
      const tickets = await Promise.all(Array.from({ length: 20 }, () => answered(challenge)));
      const redeemed = await Promise.all(tickets.map(({ ticket }) => redeem(ticket)));
      expect(redeemed.filter(Boolean)).toHaveLength(1);
    });

    it('whose ticket was used is used', async () => {
      const challenge = await here.create();
      await redeem((await answered(challenge)).ticket);
      expect([await answer(challenge), await here.describe(challenge)]).toEqual(['used', 'used']);
    });
  });

  describe('a ticket', () => {
    it('gives what the console answered, to the interaction that it was made for', async () => {
      const { ticket, interactionUid } = await answered(await here.create());
      expect(ticket).toMatch(random256);
      expect(await here.redeem(ticket, interactionUid)).toEqual({ ...accepted('u_1'), isRecent: true });
    });

    it('gives a rejection in the same way', async () => {
      expect(await redeem(await aTicket(rejected))).toEqual({ ...rejected, isRecent: true });
    });

    it('is used once', async () => {
      const ticket = await aTicket();
      await redeem(ticket);
      expect(await redeem(ticket)).toBeUndefined();
    });

    it('is used once even when 50 uses race, however often that is tried', async () => {
      for (let round = 0; round < 10; round++) {
        const ticket = await aTicket();
        const uses = await Promise.all(Array.from({ length: 50 }, () => redeem(ticket)));
        expect(uses.filter(Boolean)).toHaveLength(1);
      }
    });

    it('of one interaction does nothing in another, and still works in its own', async () => {
      const ticket = await aTicket();
      expect(await here.redeem(ticket, 'interaction-2')).toBeUndefined();
      expect(await redeem(ticket)).toBeDefined();
    });

    it('dies when the same answer makes a new one', async () => {
      const challenge = await here.create();
      const [old, young] = [await answered(challenge), await answered(challenge)];
      expect(await redeem(old.ticket)).toBeUndefined();
      expect(await redeem(young.ticket)).toBeDefined();
    });

    it('lives for 60 seconds by the clock of the store', async () => {
      await aTicket();
      expect(here.writes.map(({ ttlSeconds }) => ttlSeconds)).toEqual([1200, 60]);
    });

    it('of an answer in the last moment has its minute all the same', async () => {
      const challenge = await here.create();
      here.clock.move(599);
      const { ticket } = await answered(challenge);
      here.clock.move(30);
      expect(await redeem(ticket)).toBeDefined();
    });

    it.each(['', 'A'.repeat(43), 'x'.repeat(10_000)])('that nobody made gives nothing (%#)', async (ticket) => {
      expect(await redeem(ticket)).toBeUndefined();
    });
  });

  describe('the time of a sign-in', () => {
    it.each([
      ['before a challenge that asks for a new one', { prompt: 'login' }, -120, false],
      ['after it', { prompt: 'login' }, 5, true],
      ['longer ago than max_age allows', { max_age: 300 }, -400, false],
      ['as long ago as max_age allows', { max_age: 300 }, -300, true],
      ['of any age where nothing was asked', {}, -100_000, true],
      ['of any age where an account is to be chosen', { prompt: 'select_account' }, -100_000, true],
    ])('%s is judged (OIDC Core §3.1.2.1)', async (_name, rules, offset, isRecent) => {
      const challenge = await here.create({ asked: { ...asked, ...rules } });
      const { ticket } = await answered(challenge, accepted('u_1', here.clock.seconds() + offset));
      expect(await redeem(ticket)).toMatchObject({ isRecent });
    });
  });
});
