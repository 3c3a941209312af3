/** One mistake of the operator: which setting, and what is wrong with it. Never holds the value, which may be a secret. */
export interface Problem {
  readonly where: string;
  readonly sentence: string;
}

/** What a reader found: a value when there are no problems, and nothing otherwise. */
export interface Reading<Value> {
  readonly value: Value | undefined;
  readonly problems: readonly Problem[];
}

/** All mistakes of environment and file together, so that nobody has to start the server once for each of them. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function formatProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 setting needs attention' : `${problems.length} settings need attention`;
  const width = Math.max(...problems.map((problem) => problem.where.length));
  const lines = problems.map((problem) => `  ${problem.where.padEnd(width)}  ${problem.sentence}`);
  return [`This server cannot start: ${count}.`, ...lines].join('\n');
}
