import ejs from 'ejs';
import type { MessagePart } from 'messageformat';
import { wordsIn } from './text.ts';

type Markup = Extract<MessagePart<string>, { type: 'markup' }>;
type Options = Readonly<Record<string, unknown>>;

/** As the templates escape. */
export const escapeHtml = (text: string): string => ejs.escapeXML(text);

/** What a message may mark, and nothing else: an operator's words become no other element. */
const elements: Readonly<Record<string, readonly [open: (options: Options) => string, close: string]>> = {
  strong: [() => '<strong>', '</strong>'],
  name: [() => '<strong class="name">', '</strong>'],
  claimed: [() => '<span class="claimed">', '</span>'],
  address: [() => '<span class="address">', '</span>'],
  reference: [() => '<code>', '</code>'],
  unseen: [() => '<span class="unseen">', '</span>'],
  time: [({ at }) => `<time datetime="${escapeHtml(String(at))}">`, '</time>'],
  link: [({ href }) => `<a href="${linkTo(href)}">`, '</a>'],
  newTab: [({ href }) => `<a href="${linkTo(href)}" target="_blank" rel="noopener">`, '</a>'],
};

/** Isolated by `<bdi>`, where text has invisible characters. */
export function asHtml(parts: readonly MessagePart<string>[]): string {
  return parts.map(htmlOf).join('');
}

function htmlOf(part: MessagePart<string>): string {
  if (part.type === 'bidiIsolation') return '';
  if (part.type === 'markup') return elementOf(part as Markup);
  const html = escapeHtml(wordsIn(part));
  return part.type === 'string' ? `<bdi>${html}</bdi>` : html;
}

function elementOf({ kind, name, options = {} }: Markup): string {
  const element = elements[name];
  if (!element) throw new TypeError(`no message may have {#${name}}`);
  return kind === 'close' ? element[1] : element[0](options);
}

/** Ours, or one that an operator wrote; never a script. */
function linkTo(href: unknown): string {
  const url = String(href);
  if (!/^(\/|https?:)/i.test(url)) throw new TypeError('a link of a message leads to no page');
  return escapeHtml(url);
}
