import QuickLRU from 'quick-lru';

/** What the directory said to one question. `value` is absent when it said that there is no such thing. */
export interface KeptAnswer {
  readonly value: unknown;
  readonly etag?: string | undefined;
  /** When the question was sent: whatever happened since then is not in the answer. */
  readonly askedAt: number;
}

/** The answers about one account, and the questions about it that are on their way. */
export interface AccountAnswers {
  readonly answers: Map<string, KeptAnswer>;
  readonly inFlight: Map<string, Promise<unknown>>;
}

const maxAccounts = 5000;

/** By account, so that events forget all of an account at once. */
export function createKeptAnswers() {
  const accounts = new QuickLRU<string, AccountAnswers>({ maxSize: maxAccounts });
  return {
    of(accountId: string): AccountAnswers {
      const kept = accounts.get(accountId);
      if (kept) return kept;
      const fresh: AccountAnswers = { answers: new Map(), inFlight: new Map() };
      accounts.set(accountId, fresh);
      return fresh;
    },
    /** A question that is on its way keeps its answer where nobody looks any more. */
    forget(accountId: string): void {
      accounts.delete(accountId);
    },
  };
}
