import { randomInt } from 'node:crypto';
import type { Vault } from '../storage/index.ts';

/** Ten, as people know it; each signs in once in place of a code of an app. */
const count = 10;
/** Neither vowels, which make words, nor what is read as something else. */
const letters = '23456789bcdfghjkmnpqrstvwxyz';
/** 57 bits: nobody searches them, with or without the keyed hash. */
const length = 12;

export function createRecoveryCodes(): string[] {
  return Array.from({ length: count }, createCode);
}

function createCode(): string {
  const code = Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
  return (code.match(/.{4}/g) as string[]).join('-');
}

/** Of one account: the code of somebody else is worth nothing. */
export function hashRecoveryCode(hash: Vault['hash'], accountId: string, code: string): string {
  return hash('recovery-code', `${accountId} ${code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`);
}
