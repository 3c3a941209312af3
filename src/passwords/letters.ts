import type { Account } from '../directory/index.ts';
import type { Mail } from '../mail/index.ts';
import type { Words } from '../messages/index.ts';

/** What is mailed about the password of an account, in the language of whoever asked for it. */
export interface Letters {
  reset(words: Words, account: Account, token: string): Mail;
  invitation(words: Words, invited: { readonly email: string; readonly organization: string }, token: string): Mail;
  changed(words: Words, account: Account): Mail;
  /** For an operator who hands it on. */
  invitationHref(token: string): string;
}

interface Parts {
  /** Every link is made of it, and none of what a request says of its host. */
  readonly issuer: string;
  readonly brand: { readonly name: string };
}

export function createLetters({ issuer, brand: { name: brand } }: Parts): Letters {
  const resetHref = (token: string) => `${issuer}/oauth/password/reset?token=${token}`;
  const invitationHref = (token: string) => `${issuer}/oauth/invitation?token=${token}`;
  const paragraphs = (...texts: string[]) => `${texts.join('\n\n')}\n`;

  return {
    invitationHref,
    reset: ({ say }, { id, email }, token) => ({
      kind: 'reset',
      account: id,
      to: email,
      subject: say('mail.reset-subject', { brand }),
      text: paragraphs(
        say('mail.reset-why', { brand, email }),
        resetHref(token),
        say('mail.reset-once'),
        say('mail.reset-not-you'),
      ),
    }),
    invitation: ({ say }, { email, organization }, token) => ({
      kind: 'invitation',
      to: email,
      subject: say('mail.invitation-subject', { brand, organization }),
      text: paragraphs(
        say('mail.invitation-why', { brand, organization, email }),
        invitationHref(token),
        say('mail.invitation-once'),
        say('mail.invitation-unknown'),
      ),
    }),
    changed: ({ say }, { id, email }) => ({
      kind: 'changed',
      account: id,
      to: email,
      subject: say('mail.changed-subject', { brand }),
      text: paragraphs(
        say('mail.changed-what', { brand, email }),
        say('mail.changed-not-you'),
        `${issuer}/oauth/password/forgotten`,
      ),
    }),
  };
}
