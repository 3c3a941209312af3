import type { Clock } from '../clock.ts';
import type { Policy } from '../config/index.ts';
import type { Revocation } from '../connections/index.ts';
import type { DirectoryAdministration } from '../directory/index.ts';
import type { ClientAddress, PageParts } from '../http/index.ts';
import type { Mailer } from '../mail/index.ts';
import type { Events } from '../operations/index.ts';
import type { SessionCutoff } from '../sessions/index.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';
import type { Invitations } from './invitations.ts';
import type { Letters } from './letters.ts';
import type { ForgottenLimit } from './limit.ts';
import type { OneTimeLinks } from './links.ts';
import type { ReplacePassword } from './replace.ts';

/** What the composition root hands in. */
export interface PasswordPageParts extends PageParts {
  readonly issuer: string;
  readonly policy: Pick<Policy, 'brand' | 'lifetimes' | 'signIn'>;
  readonly store: Store;
  readonly names: Pick<RecordNames, 'oneTimeLink' | 'invitations' | 'requestCount'>;
  readonly vault: Pick<Vault, 'hash' | 'hashers'>;
  readonly clock: Clock;
  readonly clientAddress: ClientAddress;
  readonly events: Events;
  readonly directory: DirectoryAdministration;
  readonly revocation: Pick<Revocation, 'disconnectAll'>;
  readonly cutoff: Pick<SessionCutoff, 'endEverywhere'>;
  /** Absent: no mail can be sent, and nobody can be helped who forgot their password. */
  readonly mailer: Mailer | undefined;
  /** Whether people with this email sign in elsewhere, and never with a password. */
  readonly isSignedInElsewhere: (email: string) => boolean;
}

/** What the pages are made with. */
export interface PasswordParts extends PasswordPageParts {
  readonly links: OneTimeLinks;
  readonly invitations: Invitations;
  readonly letters: Letters;
  readonly limit: ForgottenLimit;
  readonly replace: ReplacePassword;
  /** Does something when the answer has been sent, so that neither its content nor its time depends on it. */
  readonly afterwards: (ctx: { readonly res: NodeJS.EventEmitter }, work: () => Promise<void>) => void;
}
