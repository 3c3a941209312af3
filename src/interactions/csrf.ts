import { timingSafeEqual } from 'node:crypto';
import type { Secrecy } from '../storage/index.ts';

/** The anti-forgery value of a flow: computable by this server only, worthless for any other interaction. */
export function csrfOf(secrecy: Secrecy, uid: string): string {
  return secrecy.derive('anti-forgery', uid);
}

export function isCsrfOf(secrecy: Secrecy, uid: string, value: string | null): boolean {
  const expected = Buffer.from(csrfOf(secrecy, uid));
  const given = Buffer.from(value ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
