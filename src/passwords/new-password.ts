import { findLengthError, minCharacters } from '../directory/index.ts';
import type { Words } from '../messages/index.ts';
import type { NewPasswordFields } from './pages.ts';
import { isEasyToGuess, wordsAbout } from './strength.ts';

type Wrong = Pick<NewPasswordFields, 'error' | 'wrongFields'>;

/** What is wrong with the two fields of a form in which somebody chooses a password; `about`: their name, email and the like. */
export async function findPasswordError(
  form: URLSearchParams,
  about: readonly string[],
  { say }: Words,
): Promise<Wrong | undefined> {
  const password = form.get('password') ?? '';
  const length = findLengthError(password);
  if (length === 'PASSWORD_TOO_SHORT') return wrongPassword(say('new-password.short', { count: minCharacters }));
  if (length === 'PASSWORD_TOO_LONG') return wrongPassword(say('new-password.long'));
  if (form.get('repeated') !== password) return { error: say('new-password.different'), wrongFields: ['repeated'] };
  const isEasy = await isEasyToGuess(password, wordsAbout(...about));
  return isEasy ? wrongPassword(say('new-password.easy')) : undefined;
}

function wrongPassword(error: string): Wrong {
  return { error, wrongFields: ['password'] };
}
