import { presentBrowser } from '../connections/index.ts';
import type { Account } from '../directory/index.ts';
import type { Mail } from '../mail/index.ts';
import type { Words } from '../messages/index.ts';

/** What was changed of how somebody signs in. `factors-reset`: the operator removed whatever there was beside the password. */
export type Change =
  | 'password'
  | 'app-added'
  | 'passkey-added'
  | 'app-removed'
  | 'passkey-removed'
  | 'recovery-codes'
  | 'factors-reset';

/** Where the request came from that changed it; a browser may lie about itself, and the address is what proxies vouch for. */
type ChangedFrom = 'operator' | { readonly userAgent: string; readonly address: string };

/** What is mailed about how an account is signed in to, in the language of whoever asked for it. */
export interface Letters {
  reset(words: Words, account: Account, token: string): Mail;
  invitation(words: Words, invited: { readonly email: string; readonly organization: string }, token: string): Mail;
  /** Nothing that its person typed is in it, so that nobody who came in has words of theirs mailed by us. */
  changed(words: Words, account: Account, change: Change, from: ChangedFrom): Mail;
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
    changed: ({ say }, { id, email }, change, from) => ({
      kind: change === 'password' ? 'changed' : change,
      account: id,
      to: email,
      subject: say(`mail.${change}-subject`, { brand }),
      text: paragraphs(
        say(`mail.${change}-what`, { brand, email }),
        from === 'operator'
          ? say('mail.changed-operator')
          : say('mail.changed-from', { from: presentBrowser(from, say) }),
        say(`mail.${adviceOn(change)}-not-you`),
        `${issuer}/oauth/${change === 'password' ? 'password/forgotten' : 'account/security'}`,
      ),
    }),
  };
}

function adviceOn(change: Change): 'password' | 'factor' | 'factors-reset' {
  return change === 'password' || change === 'factors-reset' ? change : 'factor';
}
