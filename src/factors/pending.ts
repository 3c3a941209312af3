import type { Clock } from '../clock.ts';
import type { Account, Directory } from '../directory/index.ts';
import type { Cookies } from '../http/index.ts';
import { recentSeconds, type SessionCutoff } from '../sessions/index.ts';
import { isMultiFactor, methods } from './levels.ts';
import type { SigningIn } from './signing-in.ts';
import { type Tickets, ticketSeconds } from './tickets.ts';

/** Somebody whose password was right, and who is not signed in: what else they have to show is asked for. */
export interface Pending {
  readonly account: Account;
  /** When the password was right, in seconds since the epoch. */
  readonly since: number;
  /** What was shown so far. */
  readonly shown: readonly string[];
  /** For this sign-in; otherwise somebody who is signed in wants to show more. */
  readonly isTyped: boolean;
}

interface PendingSignIns {
  begin(at: SigningIn, account: Account, shown?: readonly string[]): Promise<void>;
  find(at: SigningIn): Promise<Pending | undefined>;
  end(at: SigningIn): void;
}

interface PendingCookie extends Pick<Pending, 'since' | 'shown'> {
  readonly accountId: string;
}

interface Parts {
  readonly tickets: Tickets;
  readonly cookies: Cookies;
  readonly directory: Pick<Directory, 'findAccount'>;
  readonly cutoff: Pick<SessionCutoff, 'hasEnded' | 'signInTime'>;
  readonly clock: Clock;
}

/**
 * In a cookie of the browser in which the password was typed, encrypted for this flow. Not in the record of the flow: whoever
 * has planted their flow in another browser has that, too, and would come in with the password that was typed there.
 */
export function createPendingSignIns({ tickets, cookies, directory, cutoff, clock }: Parts): PendingSignIns {
  const { names, protection } = cookies;
  const purpose = (at: SigningIn) => `password shown at ${at.id}`;

  async function findCurrent(
    { accountId, since, shown }: PendingCookie,
    isTyped: boolean,
  ): Promise<Pending | undefined> {
    const [account, hasEnded] = await Promise.all([
      directory.findAccount(accountId),
      // Whoever changes the password meanwhile, or signs out everywhere, ends this as well.
      cutoff.hasEnded({ accountId, loginTs: since }),
    ]);
    return account && !hasEnded ? { account, since, shown, isTyped } : undefined;
  }

  /** Who has signed in just now, and has to show more than they did. */
  function isEnough({ signedIn }: SigningIn): boolean {
    if (!signedIn || signedIn.origin || isMultiFactor(signedIn.amr)) return false;
    return clock.seconds() - signedIn.since <= recentSeconds;
  }

  return {
    async begin(at, { id }, shown = methods.password) {
      const content = { accountId: id, since: await cutoff.signInTime(id), shown };
      const maxAge = ticketSeconds * 1000;
      at.ctx.cookies.set(names.secondStep, tickets.seal(purpose(at), content), {
        ...protection,
        path: at.path,
        maxAge,
      });
    },
    async find(at) {
      const cookie = at.ctx.cookies.get(names.secondStep, { signed: true });
      const content = cookie && (tickets.open(purpose(at), cookie) as PendingCookie | undefined);
      if (content) return findCurrent(content, true);
      const { signedIn } = at;
      return signedIn && isEnough(at) ? findCurrent({ ...signedIn, shown: signedIn.amr }, false) : undefined;
    },
    end(at) {
      at.ctx.cookies.set(names.secondStep, null, { ...protection, path: at.path });
    },
  };
}
