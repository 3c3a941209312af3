import { systemClock } from '../clock.ts';
import { type Domain, issuerOf } from '../composition/index.ts';
import { type Config, takesPasswords } from '../config/index.ts';
import type { Connection, ConnectionOwner } from '../connections/index.ts';
import type { LocalDirectory } from '../directory/index.ts';
import { createMailer, createSmtp, type Mailer } from '../mail/index.ts';
import { createMessages, type Words } from '../messages/index.ts';
import { createEvents, createLog, type Events } from '../operations/index.ts';
import {
  createInvitations,
  createLetters,
  createOneTimeLinks,
  type Invitations,
  type Letters,
} from '../passwords/index.ts';

/** What commands work with. */
export interface Tools {
  readonly directory: LocalDirectory;
  readonly roles: readonly string[];
  readonly invitations: Invitations;
  readonly letters: Letters;
  readonly words: Words;
  /** Whether whoever is invited could sign in afterwards. */
  readonly takesPasswords: boolean;
  /** Absent: there is no mail server. */
  readonly mailer: Mailer | undefined;
  /** By mail, where there is a mail server. */
  readonly tellOwner: (accountId: string, change: 'password' | 'factors-reset') => Promise<void>;
  /** How many factors the account had beside its password. */
  readonly resetFactors: (accountId: string) => Promise<number>;
  /** What the account has beside its password, without what is secret of it. */
  readonly describeFactors: (accountId: string) => Promise<object>;
  readonly emit: Events['emit'];
  /** All of them, those begun last first; what was approved and never redeemed is none. */
  readonly connectionsOf: (owner: ConnectionOwner) => Promise<Connection[]>;
  /** False when there is none. */
  readonly endConnection: (connectionId: string) => Promise<boolean>;
  /** False when neither the client nor a connection of it is there. */
  readonly forgetClient: (clientId: string) => Promise<boolean>;
}

export function createTools(config: Config, domain: Domain): Tools {
  const { storage, registrations, connections, revocation, factors, localDirectory: directory } = domain;
  const { policy, mail } = config;
  const letters = createLetters({ issuer: issuerOf(config), brand: policy.brand });
  const mailer = mail && createMailer({ handOver: createSmtp(mail), pausesMs: [1000] });
  // Nobody asked for a page: it is the language of whoever wants none of those that there are.
  const words = createMessages({ languages: policy.languages, own: policy.messages }).for(policy.languages[0] ?? 'en');
  const emit: Events['emit'] = (event) => createEvents(createLog(config.logLevel)).emit(event);
  return {
    directory,
    roles: Object.keys(policy.roles),
    invitations: createInvitations(storage, createOneTimeLinks(storage), systemClock),
    letters,
    words,
    takesPasswords: takesPasswords(policy),
    mailer,
    async tellOwner(accountId, change) {
      const account = await directory.findAccountById(accountId);
      if (account) await mailer?.send(letters.changed(words, account, change, 'operator'));
    },
    async resetFactors(account) {
      const count = await factors.reset(account);
      if (count > 0) emit({ event: 'factor.reset', account, factors: count });
      return count;
    },
    async describeFactors(accountId) {
      const { factors: own, recoveryCodesLeft } = await factors.list(accountId);
      const described = own.map(({ kind, name, addedAt, lastUsedAt }) => ({ kind, name, addedAt, lastUsedAt }));
      return { secondFactors: described, recoveryCodesLeft };
    },
    emit,
    async connectionsOf(owner) {
      const found: Connection[] = [];
      for await (const slice of connections.slicesOf(owner)) found.push(...slice.filter(({ pending }) => !pending));
      return found;
    },
    endConnection: revocation.endConnection,
    async forgetClient(clientId) {
      const { connections: some } = await connections.findPage({ clientId }, { number: 1, size: 1 });
      if (some.length === 0 && !(await storage.store.read(storage.names.client(clientId)))) return false;
      // The client first: afterwards nobody can approve it any more.
      await registrations.remove(clientId);
      await revocation.clientRemoved(clientId);
      return true;
    },
  };
}
