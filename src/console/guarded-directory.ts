import { setTimeout as delay } from 'node:timers/promises';
import { type Directory, findAccountWithMemberships } from '../directory/index.ts';
import { TemporarilyUnavailable } from '../storage/index.ts';
import { accountEnquiry, type Enquiry, membershipEnquiry, membershipsEnquiry } from './directory-answers.ts';
import { DirectoryUnavailable } from './directory-unavailable.ts';
import { createOutageReport, type DirectoryObserver, type Question } from './observation.ts';

/** As long as a console has; who looks at a password may have a queue of them. */
const limitsMs = { question: 2_000, password: 10_000 };

/**
 * A directory that somebody else wrote, asked as a console is over HTTP: what it throws, what takes too long, and what is
 * about somebody else or nothing that could be meant counts as no answer (503, and nothing is taken), said once in the log.
 */
export function guardDirectory(own: Directory, observer: DirectoryObserver): Directory {
  // Passwords may be looked at elsewhere than people are: that one answers says nothing of the other.
  const outages = { questions: createOutageReport(observer), 'sign-in': createOutageReport(observer) };

  async function callGuarded<T>(asked: Asked, ask: () => Promise<T>, ms = limitsMs.question): Promise<T> {
    const { question, path } = asked;
    const outage = outages[question === 'sign-in' ? question : 'questions'];
    const begun = performance.now();
    const tell = (outcome: 'answered' | 'unknown' | 'unavailable') =>
      observer.onCall?.({ question, outcome, seconds: (performance.now() - begun) / 1000 });
    try {
      const value = await within(ms, ask);
      tell(value === undefined ? 'unknown' : 'answered');
      outage.available(path);
      return value;
    } catch (error) {
      // One that stands on our store says by itself that it is away.
      if (error instanceof TemporarilyUnavailable && !(error instanceof DirectoryUnavailable)) throw error;
      const unavailable = asUnavailable(error);
      tell('unavailable');
      outage.unavailable(question, path, unavailable);
      throw unavailable;
    }
  }

  const ask = <T>(enquiry: Enquiry<T>, answer: () => Promise<unknown>): Promise<T | undefined> =>
    callGuarded(enquiry, async () => readWith(enquiry, await answer()));

  const findAccount = (accountId: string) => ask(accountEnquiry(accountId), () => own.findAccount(accountId));
  const { claimsFor, findAccountWithMemberships: findBoth } = own;
  return {
    async signIn(email, password) {
      const asked = { question: 'sign-in', path: 'sign-in' } as const;
      const account = await callGuarded(asked, () => own.signIn(email, password), limitsMs.password);
      // Before the flow goes on, which could not be gone back to if this failed only there.
      return account ? findAccount(account.id) : undefined;
    },
    findAccount,
    memberships: async (accountId) =>
      (await ask(membershipsEnquiry(accountId), () => own.memberships(accountId))) ?? [],
    findMembership: (accountId, organizationId) =>
      ask(membershipEnquiry(accountId, organizationId), () => own.findMembership(accountId, organizationId)),
    ...(findBoth && {
      findAccountWithMemberships: (accountId) =>
        callGuarded(accountEnquiry(accountId), async () => {
          const found = await findAccountWithMemberships(own, accountId);
          const account = readWith(accountEnquiry(accountId), found?.account);
          if (!found || !account) return undefined;
          return { account, memberships: readWith(membershipsEnquiry(accountId), found.memberships) ?? [] };
        }),
    }),
    ...(claimsFor && {
      claimsFor: (accountId, organizationId) =>
        callGuarded({ question: 'claims', path: `claims ${accountId}` }, () =>
          claimsFor.call(own, accountId, organizationId),
        ),
    }),
  };
}

interface Asked {
  readonly question: Question;
  readonly path: string;
}

function readWith<T>({ read }: Enquiry<T>, answer: unknown): T | undefined {
  return answer === undefined || answer === null ? undefined : read(answer);
}

async function within<T>(ms: number, ask: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = delay(ms, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new DirectoryUnavailable('time', { isAway: true });
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    late.catch(() => undefined);
    stop.abort();
  }
}

function asUnavailable(error: unknown): DirectoryUnavailable {
  if (error instanceof DirectoryUnavailable) return error;
  // Its name only: what it says may hold an address or a password. The log has all of it, with the reference of each request.
  const name = error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : 'Error';
  return new DirectoryUnavailable(`exception (${name})`, { isAway: true, cause: error });
}
