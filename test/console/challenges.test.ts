import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, type Challenges, createChallenges, type Ticket } from '../../src/console/index.ts';
import { aClock, aStorage, onEachStore, recorded, type StorageUnderTest } from './storage.ts';

const asked = {
  client: { name: 'Editor', host: 'editor.example', verified: true },
  redirect_host: 'localhost',
  resource: 'https://api.example.com/mcp',
  scopes: ['project:read'],
  ui_locales: ['ko', 'en'],
};
const request = { interactionUid: 'interaction-1', lifetimeSeconds: 3600, asked };

const accepted = (id: string, authTime = 1_795_827_672): Answer => ({
  kind: 'accepted',
  body: { account: { id }, auth_time: authTime },
});
const rejected: Answer = { kind: 'rejected', body: { error: 'access_denied', message: 'No.' } };

onEachStore((storage) => {
  let clock: ReturnType<typeof aClock>;
  let challenges: Challenges;
  beforeEach(() => {
    clock = aClock();
    challenges = createChallenges(storage(), clock);
  });
  const answered = async (challenge: string, answer = accepted('u_1')) =>
    (await challenges.answer(challenge, answer)) as Ticket;

  describe('a challenge', () => {
    it('is 256 bits as base64url, and no two are the same', async () => {
      const [one, other] = [await challenges.create(request), await challenges.create(request)];
      expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(one).not.toBe(other);
    });

    it('is kept as a hash, and so is its ticket', async () => {
      const { storage: seen, writes } = recorded(storage() as StorageUnderTest);
      const watched = createChallenges(seen, clock);
      const challenge = await watched.create(request);
      const { ticket } = (await watched.answer(challenge, accepted('u_1'))) as Ticket;
      const kept = await Promise.all(
        writes.map(async ({ key }) => `${key} ${(await storage().store.read(key))?.value}`),
      );
      expect(kept).toHaveLength(2);
      expect(kept.join()).not.toContain(challenge);
      expect(kept.join()).not.toContain(ticket);
    });

    it('pushes out the oldest where strangers ask for more than there are places for', async () => {
      const { store } = storage() as StorageUnderTest;
      const bounded = createChallenges(aStorage(store, 'bounded:', 3), clock);
      const all = [];
      for (let time = 0; time < 5; time += 1) all.push(await bounded.create(request));
      const described = await Promise.all(all.map(bounded.describe));
      expect(described.map((each) => each === 'unknown')).toEqual([true, true, false, false, false]);
    });

    it('says who asks, and until when', async () => {
      const challenge = await challenges.create(request);
      expect(await challenges.describe(challenge)).toEqual({ ...asked, expires_at: clock.seconds() + 600 });
    });

    it('lives ten minutes at most', async () => {
      const challenge = await challenges.create(request);
      clock.move(599);
      expect(await challenges.describe(challenge)).toMatchObject({ scopes: ['project:read'] });
      clock.move(1);
      expect(await challenges.describe(challenge)).toBe('expired');
      expect(await challenges.answer(challenge, accepted('u_1'))).toBe('expired');
    });

    it('lives no longer than its interaction', async () => {
      const challenge = await challenges.create({ ...request, lifetimeSeconds: 30 });
      clock.move(30);
      expect(await challenges.answer(challenge, accepted('u_1'))).toBe('expired');
    });

    it('that nobody made is unknown', async () => {
      expect(await challenges.describe('A'.repeat(43))).toBe('unknown');
      expect(await challenges.answer('', accepted('u_1'))).toBe('unknown');
    });

    it('is answered for one account', async () => {
      const challenge = await challenges.create(request);
      await answered(challenge);
      expect(await challenges.answer(challenge, accepted('u_2'))).toBe('answered');
      expect(await challenges.answer(challenge, rejected)).toBe('answered');
    });

    it('that was rejected is not accepted afterwards', async () => {
      const challenge = await challenges.create(request);
      await answered(challenge, rejected);
      expect(await challenges.answer(challenge, accepted('u_1'))).toBe('answered');
    });

    it('is answered for one account even when two answers race', async () => {
      const challenge = await challenges.create(request);
      const answers = await Promise.all(['u_1', 'u_2'].map((id) => challenges.answer(challenge, accepted(id))));
      expect(answers.filter((answer) => answer === 'answered')).toHaveLength(1);
    });

    it('takes twenty repetitions at once, of which one ticket lives', async () => {
      const challenge = await challenges.create(request);
      const tickets = await Promise.all(Array.from({ length: 20 }, () => answered(challenge)));
      const redeemed = await Promise.all(tickets.map(({ ticket }) => challenges.redeem(ticket, 'interaction-1')));
      expect(redeemed.filter(Boolean)).toHaveLength(1);
    });

    it('whose ticket was used is used', async () => {
      const challenge = await challenges.create(request);
      await challenges.redeem((await answered(challenge)).ticket, 'interaction-1');
      expect(await challenges.answer(challenge, accepted('u_1'))).toBe('used');
      expect(await challenges.describe(challenge)).toBe('used');
    });
  });

  describe('a ticket', () => {
    it('gives what the console answered, to the interaction that it was made for', async () => {
      const challenge = await challenges.create(request);
      const { ticket, interactionUid } = await answered(challenge);
      expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(await challenges.redeem(ticket, interactionUid)).toEqual({ ...accepted('u_1'), isRecent: true });
    });

    it('gives a rejection in the same way', async () => {
      const { ticket } = await answered(await challenges.create(request), rejected);
      expect(await challenges.redeem(ticket, 'interaction-1')).toEqual({ ...rejected, isRecent: true });
    });

    it('is used once', async () => {
      const { ticket } = await answered(await challenges.create(request));
      await challenges.redeem(ticket, 'interaction-1');
      expect(await challenges.redeem(ticket, 'interaction-1')).toBeUndefined();
    });

    it('is used once even when 50 uses race, however often that is tried', async () => {
      for (let round = 0; round < 10; round++) {
        const { ticket } = await answered(await challenges.create(request));
        const uses = Array.from({ length: 50 }, () => challenges.redeem(ticket, 'interaction-1'));
        expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
      }
    });

    it('of one interaction does nothing in another, and still works in its own', async () => {
      const { ticket } = await answered(await challenges.create(request));
      expect(await challenges.redeem(ticket, 'interaction-2')).toBeUndefined();
      expect(await challenges.redeem(ticket, 'interaction-1')).toBeDefined();
    });

    it('dies when the same answer makes a new one', async () => {
      const challenge = await challenges.create(request);
      const [old, young] = [await answered(challenge), await answered(challenge)];
      expect(await challenges.redeem(old.ticket, 'interaction-1')).toBeUndefined();
      expect(await challenges.redeem(young.ticket, 'interaction-1')).toBeDefined();
    });

    it('lives for 60 seconds by the clock of the store', async () => {
      const { storage: seen, writes } = recorded(storage() as StorageUnderTest);
      const watched = createChallenges(seen, clock);
      await watched.answer(await watched.create(request), accepted('u_1'));
      expect(writes.map(({ ttlSeconds }) => ttlSeconds)).toEqual([1200, 60]);
    });

    it('of an answer in the last moment has its minute all the same', async () => {
      const challenge = await challenges.create(request);
      clock.move(599);
      const { ticket } = await answered(challenge);
      clock.move(30);
      expect(await challenges.redeem(ticket, 'interaction-1')).toBeDefined();
    });

    it.each(['', 'A'.repeat(43), 'x'.repeat(10_000)])('that nobody made gives nothing (%#)', async (ticket) => {
      expect(await challenges.redeem(ticket, 'interaction-1')).toBeUndefined();
    });
  });

  describe('the time of a sign-in', () => {
    it.each([
      ['before a challenge that asks for a new one', { prompt: 'login' as const }, -120, false],
      ['after it', { prompt: 'login' as const }, 5, true],
      ['longer ago than max_age allows', { max_age: 300 }, -400, false],
      ['as long ago as max_age allows', { max_age: 300 }, -300, true],
      ['of any age where nothing was asked', {}, -100_000, true],
      ['of any age where an account is to be chosen', { prompt: 'select_account' as const }, -100_000, true],
    ])('%s is judged (OIDC Core §3.1.2.1)', async (_name, rules, offset, isRecent) => {
      const challenge = await challenges.create({ ...request, asked: { ...asked, ...rules } });
      const { ticket } = await answered(challenge, accepted('u_1', clock.seconds() + offset));
      expect(await challenges.redeem(ticket, 'interaction-1')).toMatchObject({ isRecent });
    });
  });
});
