import { createPlainBrowser, type PlainBrowser } from './browser-without-a-screen.ts';

/** Puts what an attacker's browser holds into another one, in place of what that has of the same name. */
export function plantCookies(from: PlainBrowser, into: PlainBrowser): PlainBrowser {
  for (const [name, cookie] of from.cookies) (into.cookies as Map<string, typeof cookie>).set(name, cookie);
  return into;
}

/** A browser whose cookies are those of this one at this moment, whatever either is given later. */
export const asItWas = (origin: string, browser: PlainBrowser) => plantCookies(browser, createPlainBrowser(origin));

/** One request as this browser would send it, and nothing after it: what counts is what holds before the next one. */
export function sendsOnly({ cookies }: PlainBrowser, url: URL, init: RequestInit = {}): Promise<Response> {
  const sent = [...cookies].filter(([, { path }]) => url.pathname === path || url.pathname.startsWith(path));
  const cookie = sent.map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ');
  return fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
}
