import { z } from 'zod';
import { listEntries } from './addresses.ts';
import type { Issue } from './issues.ts';
import { isObviouslyWeak, readStoreSecrets } from './secrets.ts';

type Settings = Readonly<Record<string, string | undefined>>;

export function isProduction(settings: Settings): boolean {
  return settings.NODE_ENV === 'production';
}

// `Production` would quietly start a public server with everything that development allows.
export const nodeEnv = z
  .string()
  .refine(
    (name) => name === 'production' || name.trim().toLowerCase() !== 'production',
    'must be written production, in lower case and without blanks',
  );

/** Every development default that is still in force, by name. */
export function findDevelopmentDefaults(settings: Settings): Issue[] {
  return [...findDemo(settings.DEMO), ...findWeakSecrets(settings)];
}

function findDemo(demo: string | undefined): Issue[] {
  const refusal = 'production refuses it: set DEMO=0';
  if (demo === undefined) return [{ where: 'DEMO', sentence: `is on by default; ${refusal}` }];
  return demo === '1' || demo === 'true' ? [{ where: 'DEMO', sentence: `is on; ${refusal}` }] : [];
}

function findWeakSecrets(settings: Settings): Issue[] {
  const remedy = 'use a random value, e.g. the output of openssl rand -base64 32';
  const keys = listEntries(settings.COOKIE_KEYS ?? '').flatMap((key, index) =>
    isObviouslyWeak(key)
      ? [{ where: 'COOKIE_KEYS', sentence: `key ${index + 1} is one character repeated: ${remedy}` }]
      : [],
  );
  if (!readStoreSecrets(settings.STORE_SECRET ?? '').some(isObviouslyWeak)) return keys;
  return [...keys, { where: 'STORE_SECRET', sentence: `is one character repeated: ${remedy}` }];
}
