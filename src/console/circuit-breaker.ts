import type { Clock } from '../clock.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface CircuitBreaker {
  /** Whether a call may be made now. While half-open only the first that asks may: its outcome decides for all. */
  admits(): boolean;
  succeeded(): void;
  failed(): void;
}

interface BreakerOptions {
  readonly clock: Clock;
  readonly onState: (state: BreakerState) => void;
}

const failuresToOpen = 5;
const openMs = 5_000;

/**
 * Spares callers the wait, and the other side the load, while nobody answers there. Our own, because it is these lines:
 * the libraries bring timers and a clock that a test cannot move, fallbacks, caches and statistics that we have elsewhere.
 */
export function createCircuitBreaker({ clock, onState }: BreakerOptions): CircuitBreaker {
  let state: BreakerState = 'closed';
  let failures = 0;
  let openUntil = 0;

  function become(next: BreakerState): void {
    if (state === next) return;
    state = next;
    onState(next);
  }

  return {
    admits() {
      if (state === 'closed') return true;
      if (clock.now() < openUntil) return false;
      // A probe whose caller vanished must not keep the circuit open for ever: the next may probe as late as the first.
      openUntil = clock.now() + openMs;
      become('half-open');
      return true;
    },
    succeeded() {
      failures = 0;
      become('closed');
    },
    failed() {
      failures += 1;
      if (state === 'closed' && failures < failuresToOpen) return;
      openUntil = clock.now() + openMs;
      become('open');
    },
  };
}
