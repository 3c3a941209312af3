import type { Connection } from '../connections/index.ts';
import type { Directory, Membership } from '../directory/index.ts';
import { grantOfRefreshToken, perRequest, presentedRefreshToken } from '../storage/index.ts';

type Person = Pick<Connection, 'accountId' | 'organizationId'>;

interface Foreseen extends Person {
  readonly membership: Promise<Membership | undefined>;
  readonly askedAt: number;
}

/** Some hundred bytes each, and at most twice as many; a connection that is forgotten is asked about a moment later. */
const generation = 10_000;
/**
 * Between the question and its use a client's own documents may have to be fetched, which takes as long as their host likes.
 * Well below the time for which revocations count ahead: what ends meanwhile ends this token, too.
 */
const freshMs = 1000;

/** Whom each connection was for when it was refreshed last: enough to ask the directory before the connection was read. */
export function createForesight(directory: Pick<Directory, 'findMembership'>) {
  let [young, old] = [new Map<string, Person>(), new Map<string, Person>()];
  const foreseen = perRequest<Foreseen>();

  /** Rejects, whatever a directory of somebody else does. */
  async function ask({ accountId, organizationId }: Person): Promise<Membership | undefined> {
    return directory.findMembership(accountId, organizationId);
  }

  function remember({ id, accountId, organizationId }: Connection): void {
    if (young.size >= generation) [young, old] = [new Map(), young];
    young.set(id, { accountId, organizationId });
  }

  function isRight(early: Foreseen | undefined, { accountId, organizationId }: Person): early is Foreseen {
    return (
      early?.accountId === accountId &&
      early.organizationId === organizationId &&
      performance.now() - early.askedAt < freshMs
    );
  }

  return {
    foresee(model: string): void {
      const grantId = model === 'Client' ? presentedGrant() : undefined;
      const person = grantId === undefined ? undefined : (young.get(grantId) ?? old.get(grantId));
      if (!person) return;
      // Whoever asks too early is told nothing worse than nothing.
      const membership = ask(person).catch(() => undefined);
      foreseen.set({ ...person, membership, askedAt: performance.now() });
    },

    /** A no ends the connection: it is never one that was given early. */
    async findMembership(connection: Connection): Promise<Membership | undefined> {
      const early = foreseen.get();
      remember(connection);
      const membership = isRight(early, connection) ? await early.membership : undefined;
      return membership ?? ask(connection);
    },
  };
}

/** Of the refresh token in this request: many know it (every access token says it), so it proves nothing yet. */
function presentedGrant(): string | undefined {
  const token = presentedRefreshToken();
  return token === undefined ? undefined : grantOfRefreshToken(token);
}
