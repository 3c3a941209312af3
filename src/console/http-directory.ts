import type { Clock } from '../clock.ts';
import type { Directory } from '../directory/index.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import {
  accountEnquiry,
  type Enquiry,
  isIdentifier,
  membershipEnquiry,
  membershipsEnquiry,
} from './directory-answers.ts';
import { createDirectoryCredential, type SignJwt } from './directory-credential.ts';
import { createTransport, type Received } from './directory-transport.ts';
import { DirectoryUnavailable } from './directory-unavailable.ts';
import { type AccountAnswers, createKeptAnswers, type KeptAnswer } from './kept-answers.ts';
import { createOutageReport, type DirectoryCall, type DirectoryObserver } from './observation.ts';

export interface HttpDirectoryOptions {
  /** Of the directory, without a slash at the end; also the audience of what we sign for it. */
  readonly url: string;
  readonly issuer: string;
  readonly sign: SignJwt;
  readonly clock: Clock;
  /** What happens while the console is away: `DirectoryUnavailable`, or its last answer counts so many seconds. */
  readonly unavailable: 'wait' | { readonly believeFor: number };
  readonly observer?: DirectoryObserver;
  readonly timeoutMs?: number;
}

export interface HttpDirectory extends Directory {
  /** What was answered about this account is asked again. */
  forgetAccount(accountId: string): void;
  close(): Promise<void>;
}

/** Long enough that one request of ours asks once, short enough that nobody notices who removes a member. */
const keptMs = 1_000;

/** The interface `Directory` over HTTP: the console is asked whenever somebody wants to know. */
export function createHttpDirectory(options: HttpDirectoryOptions): HttpDirectory {
  const { url, issuer, sign, clock, unavailable, observer = {}, timeoutMs = 2_000 } = options;
  const breaker = createCircuitBreaker({ clock, onState: (state) => observer.onBreaker?.(state) });
  const credential = createDirectoryCredential(issuer, url, sign, clock);
  const transport = createTransport({ url, credential, breaker, timeoutMs });
  const kept = createKeptAnswers();
  const outage = createOutageReport(observer);
  const believedMs = unavailable === 'wait' ? 0 : unavailable.believeFor * 1000;

  /** Nothing when the directory says that there is no such thing. */
  async function ask<T>(enquiry: Enquiry<T>): Promise<T | undefined> {
    const about = kept.of(enquiry.accountId);
    const last = about.answers.get(enquiry.path);
    if (last && clock.now() - last.askedAt < keptMs) return last.value as T | undefined;
    const inFlight = about.inFlight.get(enquiry.path) ?? send(enquiry, about, last);
    return inFlight as Promise<T | undefined>;
  }

  function send<T>(enquiry: Enquiry<T>, about: AccountAnswers, last: KeptAnswer | undefined): Promise<T | undefined> {
    const sending = receive(enquiry, about, last).finally(() => about.inFlight.delete(enquiry.path));
    about.inFlight.set(enquiry.path, sending);
    return sending;
  }

  async function receive<T>(enquiry: Enquiry<T>, about: AccountAnswers, last: KeptAnswer | undefined) {
    const startedAt = performance.now();
    const askedAt = clock.now();
    const { outcome, answer } = await transport
      .ask(enquiry.path, last?.etag)
      .then((received) => understand(enquiry, received, last))
      .catch((error) => believe(enquiry, error, last));
    const seconds = (performance.now() - startedAt) / 1000;
    observer.onCall?.({ question: enquiry.question, outcome, seconds });
    if (answer instanceof DirectoryUnavailable) throw answer;
    if (outcome !== 'believed') {
      about.answers.set(enquiry.path, { ...answer, askedAt });
      outage.available(enquiry.path);
    }
    return answer.value as T | undefined;
  }

  /** The last answer, while it counts. */
  function believe<T>({ question, path }: Enquiry<T>, error: unknown, last: KeptAnswer | undefined): Understood {
    if (!(error instanceof DirectoryUnavailable)) throw error;
    outage.unavailable(question, path, error);
    if (last === undefined || clock.now() - last.askedAt > believedMs) return { outcome: 'unavailable', answer: error };
    return { outcome: 'believed', answer: last };
  }

  async function findAccount(accountId: string) {
    return isIdentifier(accountId) ? ask(accountEnquiry(accountId)) : undefined;
  }

  /** The account is asked about as well: whether it is disabled is said nowhere else. */
  async function ofEnabled<T>(accountId: string, enquiry: Enquiry<T>): Promise<T | undefined> {
    const [account, answer] = await Promise.all([findAccount(accountId), ask(enquiry)]);
    return account && answer;
  }

  return {
    // Nobody types a console's password here.
    signIn: async () => undefined,
    findAccount,
    async memberships(accountId) {
      if (!isIdentifier(accountId)) return [];
      return (await ofEnabled(accountId, membershipsEnquiry(accountId))) ?? [];
    },
    async findMembership(accountId, organizationId) {
      if (!isIdentifier(accountId) || !isIdentifier(organizationId)) return undefined;
      return ofEnabled(accountId, membershipEnquiry(accountId, organizationId));
    },
    forgetAccount: kept.forget,
    close: transport.close,
  };
}

interface Understood {
  readonly outcome: DirectoryCall['outcome'];
  readonly answer: Omit<KeptAnswer, 'askedAt'> | DirectoryUnavailable;
}

function understand<T>(enquiry: Enquiry<T>, received: Received, last: KeptAnswer | undefined): Understood {
  if (received.kind === 'unknown') return { outcome: 'unknown', answer: { value: undefined } };
  // Only asked for with the ETag of what is kept.
  if (received.kind === 'unchanged') return { outcome: 'unchanged', answer: { value: last?.value, etag: last?.etag } };
  return { outcome: 'answered', answer: { value: enquiry.read(received.body), etag: received.etag } };
}
