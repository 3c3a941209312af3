import type { Tools } from './tools.ts';

/** As the usage shows it. */
export interface Described {
  readonly name: string;
  readonly words: string;
  readonly meaning: string;
}

export interface Command extends Described {
  /** Where a console has the accounts it would change what nobody asks. */
  readonly isAboutAccounts: boolean;
  /** How many words have to be there. */
  readonly needed: number;
  /** Answers with what was done. */
  run(tools: Tools, words: string[]): Promise<string>;
}

/** A command with as many words as its usage names between `<…>`; what is in brackets may be left out. */
export function command(
  name: string,
  words: string,
  meaning: string,
  run: (tools: Tools, ...given: string[]) => Promise<string>,
): Command {
  const needed = words.replace(/\[.*\]/, '').match(/<[^>]+>/g)?.length ?? 0;
  return {
    name,
    words,
    meaning,
    isAboutAccounts: !['remove-demonstration', 'disconnect', 'forget'].includes(name),
    needed,
    run: (tools, given) => run(tools, ...given),
  };
}
