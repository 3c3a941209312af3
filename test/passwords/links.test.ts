import { describe, expect, it } from '@jest/globals';
import {
  createInvitations,
  createOneTimeLinks,
  isEasyToGuess,
  type OneTimeLinks,
  wordsAbout,
} from '../../src/passwords/index.ts';
import { createRecordNames, createVault } from '../../src/storage/index.ts';
import { createTestClock } from '../support/clock.ts';
import { type EmptyStore, onEachStore } from '../support/each-store.ts';
import { fresh } from '../support/shared.ts';

const secrets = ['a secret that only tests may know', 'another secret that only tests know'] as const;
const reset = { accountId: 'acc_1', version: 0 };
const invitation = { email: 'ada@example.com', organizationId: 'org_1', role: 'member' };

function parts({ store, prefix }: EmptyStore, ...known: readonly [string, ...string[]]) {
  const vault = createVault(...known);
  return { store, vault, names: createRecordNames(prefix, vault) };
}

onEachStore((current) => {
  const links = fresh<OneTimeLinks>(() => createOneTimeLinks(parts(current(), secrets[0])));
  const invitations = fresh(() => createInvitations(parts(current(), secrets[0]), links, createTestClock().clock));

  describe('a link', () => {
    it('is found as often as somebody looks, and used by one of fifty at once', async () => {
      for (let turn = 0; turn < 8; turn += 1) {
        const { token } = await links.create('reset', reset, 60);
        const found = await Promise.all(Array.from({ length: 50 }, () => links.find('reset', token)));
        expect(found.map((link) => link?.content)).toEqual(Array(50).fill(reset));

        const used = await Promise.all(found.map(async (link) => link && links.use(link)));
        expect(used.filter(Boolean)).toHaveLength(1);
        expect(await links.find('reset', token)).toBeUndefined();
      }
    });

    it('works again once it was given back', async () => {
      const { token } = await links.create('reset', reset, 60);
      const link = await links.find('reset', token);
      if (!link) throw new Error('no link');
      await links.use(link);
      await links.giveBack(link);
      expect(await links.use(link)).toBe(true);
    });

    it('of another purpose, a made up one and one that has ended lead to nothing', async () => {
      const { token } = await links.create('reset', reset, 60);
      const { token: ended } = await links.create('reset', reset, 0);
      expect(await links.find('invitation', token)).toBeUndefined();
      for (const each of [ended, 'x'.repeat(43), '', `${token}x`, '../reset', 'acc_1'])
        expect(await links.find('reset', each)).toBeUndefined();
    });

    it('is kept as a hash, and found under a secret of before', async () => {
      const { token, hash } = await links.create('reset', reset, 60);
      expect(hash).not.toContain(token.slice(0, 8));
      const newer = createOneTimeLinks(parts(current(), secrets[1], secrets[0]));
      expect((await newer.find('reset', token))?.hash).toBe(hash);
      expect(await createOneTimeLinks(parts(current(), secrets[1])).find('reset', token)).toBeUndefined();
    });
  });

  describe('an invitation', () => {
    it('is pending until it is accepted or withdrawn', async () => {
      await invitations.invite({ ...invitation, email: ' Ada@Example.com ' });
      const token = await invitations.invite({ ...invitation, email: 'bob@example.com' });
      const pending = await invitations.pending();
      expect(pending.map(({ content }) => content.email).sort()).toEqual(['ada@example.com', 'bob@example.com']);

      const link = await links.find('invitation', token);
      if (!link) throw new Error('no link');
      await links.use(link);
      await invitations.forget(link);
      expect(await invitations.withdraw('ADA@example.com')).toBe(1);
      expect(await invitations.withdraw('ada@example.com')).toBe(0);
      expect(await invitations.pending()).toEqual([]);
    });

    it('takes the place of the one before', async () => {
      const first = await invitations.invite(invitation);
      const second = await invitations.invite({ ...invitation, role: 'viewer' });
      expect(await links.find('invitation', first)).toBeUndefined();
      expect((await links.find('invitation', second))?.content.role).toBe('viewer');
      expect(await invitations.pending()).toHaveLength(1);
    });
  });
});

describe('a password', () => {
  const about = wordsAbout('ada@example.com', 'Ada Lovelace', 'bkend', 'Analytical Engines');

  it.each([
    ...['password', 'Password123!', 'P@ssw0rd!', 'iloveyou2', 'qwertyuiop', '1q2w3e4r5t', '12345678', 'aaaaaaaa'],
    ...['liverpool1', 'trustno1', '19900101', 'Summer2024!', 'demo-password', 'a'.repeat(1000)],
    ...['ada@example.com', 'Ada Lovelace', 'adalovelace', 'bkend2024', 'Analytical1'],
  ])('is easy to guess: %s', async (password) => {
    expect(await isEasyToGuess(password, about)).toBe(true);
  });

  it.each([
    'correct horse battery',
    'tr0ub4dor&3',
    'x7Kq2m9z',
    '사과나무 아래 의자',
    Array.from({ length: 60 }, (_, n) => (n * 7919).toString(36)).join('~'),
  ])('is not: %s', async (password) => {
    expect(await isEasyToGuess(password, about)).toBe(false);
  });
});
