/** Beyond these it is not looked at: the time to look grows with the length, and everybody else waits meanwhile. */
const mostCharacters = 64;
/**
 * So many guesses at least. Ten wrong ones are taken in a quarter of an hour (signIn): this is what a thief of the store, with
 * argon2id, works on for weeks; and eight characters at random are enough for it.
 */
const fewestGuesses = 1e8;

type Check = (password: string, about: readonly string[]) => boolean;

let loading: Promise<Check> | undefined;

/**
 * Whether somebody who has lists of passwords that leaked guesses it, or who knows what the account is called: `about`. By
 * zxcvbn, which knows patterns as well as lists: `Summer2024!` is in no list. Nothing is asked of anybody elsewhere.
 */
export async function isEasyToGuess(password: string, about: readonly string[]): Promise<boolean> {
  // With the first password that somebody chooses, not at the start: it takes a fifth of a second and 30 MB.
  loading ??= load();
  const check = await loading;
  return check(password.normalize('NFKC').slice(0, mostCharacters), about);
}

async function load(): Promise<Check> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs: graphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const zxcvbn = new ZxcvbnFactory({ dictionary, graphs });
  return (password, about) => zxcvbn.check(password, [...about]).guesses < fewestGuesses;
}

/** The words of which a password for this account must not be made. */
export function wordsAbout(...given: readonly string[]): string[] {
  const words = given.flatMap((each) => [each, ...each.split(/[\s@._+-]+/)]);
  return [...new Set(words.map((word) => word.toLowerCase()).filter((word) => word.length > 2))];
}
