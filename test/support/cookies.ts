import type { LoadedPage, PlainBrowser } from './browser-without-a-screen.ts';

/** A cookie of ours, whichever issuer its name says; the newest, where several paths have one. */
export function findCookie({ cookies }: Pick<PlainBrowser, 'cookies'>, kind: string) {
  const named = new RegExp(`^(?:__Host-|__Secure-)?mcp_auth_${kind.replace('.', '_[0-9a-f]{8}\\.')}(?:_[0-9a-f]{8})? `);
  const [key = '', cookie] = [...cookies].findLast(([key]) => named.test(key)) ?? [];
  return cookie && { ...cookie, key, name: key.split(' ')[0] ?? '' };
}

/** All that a browser holds, whatever their paths, as the header that sends them. */
export const cookieHeader = ({ cookies }: Pick<PlainBrowser, 'cookies'>) =>
  [...cookies].map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ');

/** The anti-forgery value of the first form on a page. */
export const csrfOf = ({ html }: Pick<LoadedPage, 'html'>) => /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? '';
