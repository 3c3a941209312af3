import type { Context } from 'koa';

/** What this answer sets, line by line. */
export const setCookies = ({ response }: Pick<Context, 'response'>): string[] =>
  [response.headers['set-cookie'] ?? []].flat().map(String);

/** Of a line, or of what a browser sends of it. */
export const nameOfCookie = (line: string): string => line.slice(0, line.indexOf('='));

/** With the signature that Koa keeps beside each. */
export const withSignatures = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.flatMap((name) => [name, `${name}.sig`]));
