import { listEntries } from './addresses.ts';
import { text } from './schema.ts';

// 32 characters of base64 carry 192 bits, of hexadecimal still 128: more than anyone can try.
const minLength = 32;

export const cookieKeys = text((list) => {
  const keys = listEntries(list);
  if (!keys.some(isLong)) return `must hold at least one key of ${minLength} characters or more`;
  const short = keys.findIndex((key) => !isLong(key));
  return short < 0 ? undefined : `key ${short + 1} must have ${minLength} characters or more`;
}).transform(listEntries);

export const storeSecrets = text((secret) => {
  const secrets = readStoreSecrets(secret);
  if (secrets.length < 2) return isLong(secrets[0] ?? '') ? undefined : `must have ${minLength} characters or more`;
  const short = secrets.findIndex((each) => !isLong(each));
  return short < 0 ? undefined : `secret ${short + 1} must have ${minLength} characters or more`;
}).transform(readStoreSecrets);

/** One alone is taken as it stands: with a blank at its end it is another secret. */
export function readStoreSecrets(text: string): string[] {
  return text.includes(',') ? listEntries(text) : [text];
}

/** Long enough, yet guessed at the first try: `xxxx…`, as in many a copied example. */
export function isObviouslyWeak(secret: string): boolean {
  return isLong(secret) && new Set(secret).size === 1;
}

function isLong(secret: string): boolean {
  return secret.length >= minLength;
}
