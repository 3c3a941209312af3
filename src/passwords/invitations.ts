import type { Clock } from '../clock.ts';
import { normalizeEmail } from '../directory/index.ts';
import type { Contents, Link, LinkStorage, OneTimeLinks } from './links.ts';

const invitationSeconds = 7 * 24 * 60 * 60;

type Invitation = Contents['invitation'];

/** Who was asked to have an account here, and has not answered. */
export interface Invitations {
  /** The one before, of the same email, works no more. Answers the token of its link. */
  invite(invitation: Omit<Invitation, 'until'>): Promise<string>;
  /** Those that can still be accepted. */
  pending(): Promise<Link<'invitation'>[]>;
  /** How many there were. */
  withdraw(email: string): Promise<number>;
  /** It was accepted: it is in no list any more. */
  forget(link: Link<'invitation'>): Promise<void>;
}

export function createInvitations({ store, names }: LinkStorage, links: OneTimeLinks, clock: Clock): Invitations {
  async function pending(): Promise<Link<'invitation'>[]> {
    const hashes = await store.members(names.invitations());
    const found = await Promise.all(hashes.map(async (hash) => ({ hash, link: await links.read<'invitation'>(hash) })));
    // A link ends by itself, and its place in the list does not.
    const over = found.filter(({ link }) => !link).map(({ hash }) => store.removeMember(names.invitations(), hash));
    await Promise.all(over);
    return found.flatMap(({ link }) => (link ? [link] : []));
  }

  async function withdraw(email: string): Promise<number> {
    const meant = (await pending()).filter(({ content }) => content.email === normalizeEmail(email));
    const withdrawn = await Promise.all(
      meant.map(async ({ hash }) => {
        await store.removeMember(names.invitations(), hash);
        return links.withdraw(hash);
      }),
    );
    return withdrawn.filter(Boolean).length;
  }

  return {
    pending,
    withdraw,
    async invite({ email, organizationId, role }) {
      const normalized = normalizeEmail(email);
      await withdraw(normalized);
      const until = clock.seconds() + invitationSeconds;
      const content = { email: normalized, organizationId, role, until };
      const { token, hash } = await links.create('invitation', content, invitationSeconds);
      await store.addMember(names.invitations(), hash, invitationSeconds);
      return token;
    },
    forget: ({ hash }) => store.removeMember(names.invitations(), hash),
  };
}
