import type { BreakerState } from './circuit-breaker.ts';
import type { DirectoryUnavailable } from './directory-unavailable.ts';

export type Question = 'account' | 'memberships' | 'membership';

export interface DirectoryCall {
  readonly question: Question;
  /** `'believed'`: the console is away, and its last answer counts. */
  readonly outcome: 'answered' | 'unchanged' | 'unknown' | 'believed' | 'unavailable';
  readonly seconds: number;
}

export interface UnavailableAnswer {
  readonly question: Question;
  /** Which check failed: `status 502`, `time`, `account.id`, … */
  readonly check: string;
  readonly error: DirectoryUnavailable;
}

/** For metrics and the log. Labels are few and fixed. */
export interface DirectoryObserver {
  readonly onCall?: (call: DirectoryCall) => void;
  readonly onBreaker?: (state: BreakerState) => void;
  /** Once for each check that fails, until an answer is good again: a console that is away is one line, not one a request. */
  readonly onUnavailable?: (unavailable: UnavailableAnswer) => void;
  readonly onAvailable?: () => void;
}

/** Says each thing once. */
export function createOutageReport({ onUnavailable, onAvailable }: DirectoryObserver) {
  const said = new Set<string>();
  return {
    unavailable(question: Question, error: DirectoryUnavailable): void {
      if (said.has(error.check)) return;
      said.add(error.check);
      onUnavailable?.({ question, check: error.check, error });
    },
    available(): void {
      if (said.size === 0) return;
      said.clear();
      onAvailable?.();
    },
  };
}
