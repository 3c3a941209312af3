import type { PlainBrowser } from './browser-without-a-screen.ts';

/** A cookie of ours, whichever issuer its name says; the newest, where several paths have one. */
export function findCookie({ cookies }: Pick<PlainBrowser, 'cookies'>, kind: string) {
  const named = new RegExp(`^(?:__Host-|__Secure-)?mcp_auth_${kind.replace('.', '_[0-9a-f]{8}\\.')}(?:_[0-9a-f]{8})? `);
  const [key = '', cookie] = [...cookies].findLast(([key]) => named.test(key)) ?? [];
  return cookie && { ...cookie, key, name: key.split(' ')[0] ?? '' };
}
