import { timingSafeEqual } from 'node:crypto';

/** Whether somebody sent what was expected; how long it takes tells nothing but the length (CWE-208). */
export function isSameSecret(sent: string, expected: string): boolean {
  const [one, other] = [Buffer.from(sent), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
