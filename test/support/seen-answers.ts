import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, jest } from '@jest/globals';
import ejs from 'ejs';
import { administratorsWords, textOf } from './page-text.ts';

export interface SeenAnswer {
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly cookies: readonly string[];
  readonly text: string;
}

export interface SeenAnswers extends Disposable {
  /** Since it was emptied. */
  readonly answers: SeenAnswer[];
  /** Of `views`, those that no page was made with yet. */
  unseenViews(): string[];
}

const views = readdirSync(new URL('../../views/', import.meta.url)).filter((name) => name.endsWith('.ejs'));

/**
 * Everything that the server at `origin` answers, whoever asks in this process; also under `publicOrigin`, as behind a proxy
 * that speaks https.
 */
export function seeAnswers(origin: string, publicOrigin: string): SeenAnswers {
  const answers: SeenAnswer[] = [];
  const compiled = new Set<string>();
  const { compile } = ejs;
  const compiling = jest.spyOn(ejs, 'compile').mockImplementation(((text: string, options: { filename: string }) => {
    compiled.add(basename(options.filename));
    return compile(text, options as never);
  }) as never);
  const { fetch: send } = globalThis;
  const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = new URL(String(input));
    if (url.origin !== publicOrigin) return send(input, init);
    const response = await send(origin + url.pathname + url.search, init);
    const { status, headers } = response;
    const text = await response.clone().text();
    answers.push({ path: url.pathname, status, headers, cookies: headers.getSetCookie(), text });
    return response;
  });
  return {
    answers,
    unseenViews: () => views.filter((view) => !compiled.has(view)),
    [Symbol.dispose]() {
      compiling.mockRestore();
      fetching.mockRestore();
    },
  };
}

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
  // No word that only administrators know (issue 10).
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
