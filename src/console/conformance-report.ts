/** One promise of the other side, and whether it holds. */
export interface Line {
  /** Stable; `docs/directory.md` lists them. */
  readonly line: string;
  readonly ok: boolean;
  /** The promise; when it does not hold, also what happened instead. */
  readonly sentence: string;
}

/** What happened instead, or nothing when the promise holds. */
export type Check = () => Promise<string | undefined>;

/** One after the other, so that a slow answer is one line that does not hold and not all. */
export async function runChecks(checks: readonly (readonly [line: string, promise: string, check: Check])[]) {
  const lines: Line[] = [];
  for (const [line, promise, check] of checks) {
    const instead = await check().catch(explain);
    lines.push({
      line,
      ok: instead === undefined,
      sentence: instead === undefined ? promise : `${promise}; ${instead}`,
    });
  }
  return lines;
}

/** Of an error that wraps another the inner one says more. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`;
  const check = 'check' in error ? `: ${String(error.check)}` : '';
  const { cause } = error;
  return `it failed with ${error.name}${check || `: ${error.message}`}${cause instanceof Error ? ` (${cause.message})` : ''}`;
}
