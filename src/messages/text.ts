import type { MessagePart } from 'messageformat';

/**
 * Characters that are written from right to left, or that turn the direction: only a value with one of them can move what
 * stands around it (Unicode UAX #9).
 */
const turning =
  /[\u0590-\u08FF\u200E\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

const isolateFirst = '\u2068';
const isolateEnd = '\u2069';

/**
 * As plain text, for titles, attributes and mails. The library puts every value between invisible isolates; where a value
 * cannot turn anything they would only be copied along, found by no search, and drawn as boxes by old fonts.
 */
export function asText(parts: readonly MessagePart<string>[]): string {
  return parts.map(textOf).join('');
}

function textOf(part: MessagePart<string>): string {
  if (part.type === 'bidiIsolation' || part.type === 'markup') return '';
  const text = wordsIn(part);
  return part.type !== 'text' && turning.test(text) ? `${isolateFirst}${text}${isolateEnd}` : text;
}

/** What a part says, whichever function made it. */
export function wordsIn(part: MessagePart<string>): string {
  const { value, parts } = part as { value?: unknown; parts?: readonly { readonly value: unknown }[] };
  if (parts) return parts.map((each) => String(each.value)).join('');
  return String(value ?? '');
}
