import type { Context } from 'koa';
import type { Cookies } from './cookies.ts';

type Pair = readonly [name: string, value: string];

/** By what a browser is known again: all that it sends of our cookies, but for the one that says nothing of who it is. */
export function knownAs(ctx: Context, cookies: Cookies): string {
  return describe(sentBy(ctx, cookies));
}

/** As what it comes here once it has taken this answer. */
export function knownAsAfter(ctx: Context, cookies: Cookies): string {
  const after = new Map(sentBy(ctx, cookies));
  const set = (ctx.response.get('Set-Cookie') ?? []) as string | string[];
  for (const { pair, path, isOver } of [set].flat().map(parse)) {
    const [name] = pair;
    if (!isOurs(name, cookies) || !isBelow(ctx.path, path)) continue;
    if (isOver) after.delete(name);
    else after.set(...pair);
  }
  return describe([...after]);
}

function sentBy(ctx: Context, cookies: Cookies): Pair[] {
  const pairs = ctx.get('Cookie').split(';').map(toPair);
  return pairs.filter(([name]) => isOurs(name, cookies));
}

/** With the signature that Koa keeps beside each. */
function isOurs(name: string, { names }: Cookies): boolean {
  const { language, ...others } = names;
  return Object.values(others).includes(name.replace(/\.sig$/, ''));
}

const describe = (pairs: readonly Pair[]) =>
  pairs
    .map((pair) => pair.join('='))
    .sort()
    .join('; ');

/** One that is taken away is set as of 1970. */
function parse(line: string) {
  const [first = '', ...rest] = line.split(';');
  const attributes = new Map(rest.map(toPair).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    pair: toPair(first),
    path: attributes.get('path') ?? '/',
    isOver: Date.parse(attributes.get('expires') ?? '') === 0,
  };
}

function toPair(text: string): Pair {
  const [name = '', value = ''] = text.trim().split(/=(.*)/s);
  return [name, value];
}

/** RFC 6265 §5.1.4. */
const isBelow = (path: string, folder: string) => `${path}/`.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
