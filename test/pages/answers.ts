import { expect, jest } from '@jest/globals';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import { administratorsWords, textOf } from '../support/page-text.ts';

export interface SeenAnswer {
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly cookies: readonly string[];
  readonly text: string;
}

export interface SeenAnswers extends Disposable {
  readonly all: readonly SeenAnswer[];
  /** From now on what is asked of a public origin is answered by the server at another, as behind a proxy that speaks https. */
  lead(publicOrigin: string, origin: string): void;
}

/** Everything that the servers of public origins answer, whoever asks in this process. */
export function seeAnswers(): SeenAnswers {
  const all: SeenAnswer[] = [];
  const origins = new Map<string, string>();
  const { fetch: send } = globalThis;
  const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = new URL(String(input));
    const origin = origins.get(url.origin);
    if (origin === undefined) return send(input, init);
    const response = await send(origin + url.pathname + url.search, init);
    const { status, headers } = response;
    const text = await response.clone().text();
    all.push({ path: url.pathname, status, headers, cookies: headers.getSetCookie(), text });
    return response;
  });
  return {
    all,
    lead: (publicOrigin, origin) => origins.set(publicOrigin, origin),
    [Symbol.dispose]: () => fetching.mockRestore(),
  };
}

export const asAnswer = ({ url, status, headers, html }: LoadedPage): Omit<SeenAnswer, 'cookies'> => ({
  path: url.pathname,
  status,
  headers,
  text: html,
});

type LogLines = readonly Record<string, unknown>[];

export const isPage = ({ headers }: SeenAnswer) =>
  headers.get('content-type')?.startsWith('text/html') === true && !headers.has('location');

/** A page of ours, whatever it says. */
export function expectSafe({ path: at, status, headers, text }: Omit<SeenAnswer, 'cookies'>, log: LogLines): void {
  const policy = headers.get('content-security-policy')?.replace(/script-src 'sha256-[\w+/=]+'/, 'SCRIPT') ?? '';
  const isOfPasskeys = policy.includes('SCRIPT');
  expect([at, policy]).toEqual([
    at,
    `default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'${isOfPasskeys ? '; SCRIPT' : ''}`,
  ]);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': expect.stringContaining('no-store'),
    'referrer-policy': expect.stringMatching(/^(same-origin|no-referrer)$/),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'unsafe-none',
  });
  // The page for passkeys alone runs one, by its hash.
  const html = isOfPasskeys ? text.replace(/<script[^>]*>[\s\S]*?<\/script>/, '') : text;
  expect(html).not.toMatch(/<script|\son[a-z]+=|javascript:|<style|\sstyle=/i);
  expect(html).toContain('</html>');
  // No word that only administrators know.
  expect(administratorsWords(textOf({ html }))).toEqual([]);
  if (status >= 400) expectReferred({ path: at, status, headers, text }, log);
}

/** The page says it, but for a form that says what to put right: of that it is a header only. */
function expectReferred({ path, status, headers, text }: Omit<SeenAnswer, 'cookies'>, log: LogLines) {
  const [, shown] = /<p class="reference">.*<bdi>([2-9A-HJ-NP-Z]{8})<\/bdi>/.exec(text) ?? [];
  const reference = headers.get('x-reference');
  const lines = log.filter((line) => line.reference === (shown ?? reference) && Number(line.level) >= 30);
  expect([path, reference, lines.length > 0]).toEqual([path, expect.stringMatching(/^[2-9A-HJ-NP-Z]{8}$/), true]);
  if (status !== 422) expect([path, shown]).toEqual([path, expect.any(String)]);
}
