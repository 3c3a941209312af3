/** From the moment at which Redis was found away until it is back. */
export interface Outage {
  /** By the monotonic clock, in milliseconds. */
  readonly since: number;
  /** Resolves when Redis is back; rejects when the grace is over before, for whoever asks then at once. */
  readonly healed: Promise<void>;
  end(): void;
}

export function createOutage(graceMs: number): Outage {
  const { promise: healed, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`Redis is away for more than ${graceMs} ms`)), graceMs);
  // Nobody may be waiting.
  healed.catch(() => undefined);
  return {
    since: performance.now(),
    healed,
    end() {
      clearTimeout(timer);
      resolve();
    },
  };
}
