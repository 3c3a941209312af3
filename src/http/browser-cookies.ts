import type { Context } from 'koa';
import type { Cookies } from './cookies.ts';
import { nameOfCookie, setCookies, withSignatures } from './set-cookies.ts';

type Pair = readonly [name: string, value: string];

/** By what a browser is known again: all that it sends of our cookies, but for the one that says nothing of who it is. */
export interface KnownBrowser {
  /** Empty for one that sends none. */
  readonly now: string;
  /** What it will send here after the `Set-Cookie` of this answer. */
  afterwards(): string;
}

export function createKnowBrowser({ names }: Pick<Cookies, 'names'>): (ctx: Context) => KnownBrowser {
  const { language, ...others } = names;
  const ours = withSignatures(Object.values(others));

  const sentBy = (ctx: Context) =>
    ctx
      .get('Cookie')
      .split(';')
      .map(toPair)
      .filter(([name]) => ours.has(name));

  const setBy = (ctx: Context) =>
    setCookies(ctx)
      .filter((line) => ours.has(nameOfCookie(line)))
      .map(parse)
      .filter(({ path }) => isBelow(ctx.path, path));

  return function knowBrowser(ctx) {
    const sent = sentBy(ctx);
    return {
      now: describe(sent),
      afterwards() {
        const after = new Map(sent);
        for (const { pair, isOver } of setBy(ctx)) {
          if (isOver) after.delete(pair[0]);
          else after.set(...pair);
        }
        return describe([...after]);
      },
    };
  };
}

const describe = (pairs: readonly Pair[]) =>
  pairs
    .map((pair) => pair.join('='))
    .sort()
    .join('; ');

/** As Koa writes it: one that is taken away is set as of 1970. */
function parse(line: string) {
  const [first = ''] = line.split(';', 1);
  const [, path = '/'] = /; path=([^;]*)/i.exec(line) ?? [];
  return { pair: toPair(first), path, isOver: line.includes('01 Jan 1970 00:00:00') };
}

function toPair(text: string): Pair {
  const pair = text.trim();
  const end = pair.indexOf('=');
  return end < 0 ? [pair, ''] : [pair.slice(0, end), pair.slice(end + 1)];
}

/** RFC 6265 §5.1.4. */
const isBelow = (path: string, folder: string) => `${path}/`.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
