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

const maxAccounts = 10_000;

/** By account, the one that was asked about longest ago first, so that events forget all of an account at once. */
export function createKeptAnswers() {
  const accounts = new Map<string, AccountAnswers>();
  return {
    of(accountId: string): AccountAnswers {
      const kept = accounts.get(accountId) ?? { answers: new Map(), inFlight: new Map() };
      accounts.delete(accountId);
      accounts.set(accountId, kept);
      const [oldest] = accounts.keys();
      if (accounts.size > maxAccounts && oldest !== undefined) accounts.delete(oldest);
      return kept;
    },
    /** A question that is on its way keeps its answer where nobody looks any more. */
    forget(accountId: string): void {
      accounts.delete(accountId);
    },
  };
}
