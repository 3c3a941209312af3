import type { BreakerState } from './circuit-breaker.ts';
import type { DirectoryUnavailable } from './directory-unavailable.ts';

/** The last two are asked of a directory in code only. */
export type Question = 'account' | 'memberships' | 'membership' | 'sign-in' | 'claims';

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
}

/** For metrics and the log. Labels are few and fixed. */
export interface DirectoryObserver {
  readonly onCall?: (call: DirectoryCall) => void;
  readonly onBreaker?: (state: BreakerState) => void;
  /** Once for each check that fails, until an answer is good again: a console that is away is one line, not one a request. */
  readonly onUnavailable?: (unavailable: UnavailableAnswer) => void;
  readonly onAvailable?: () => void;
}

/** Says each thing once: that nobody answers until somebody does, that one answer is wrong until that one is right. */
export function createOutageReport({ onUnavailable, onAvailable }: DirectoryObserver) {
  const said = new Map<string, { readonly path: string; readonly isAway: boolean }>();
  return {
    unavailable(question: Question, path: string, error: DirectoryUnavailable): void {
      const { check, isAway } = error;
      if (said.has(check)) return;
      said.set(check, { path, isAway });
      onUnavailable?.({ question, check });
    },
    available(path: string): void {
      const over = [...said].filter(([, failed]) => failed.isAway || failed.path === path);
      for (const [check] of over) said.delete(check);
      if (over.length > 0) onAvailable?.();
    },
  };
}
