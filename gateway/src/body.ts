/** What is known of a body: its text as it came, the value that a parser in front has made of it, or why neither is. */
export type Body = { readonly text: string } | { readonly value: unknown } | { readonly error: BodyError };

export type BodyError = 'unreadable' | 'too long' | 'too slow';

/** How much of a body is read, and for how long: whoever sends it may be anybody. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxBodySeconds: number;
}

/**
 * The one kind of body whose bytes every parser reads in the same way: what is JSON in UTF-8 may be other JSON in UTF-7, and
 * is none at all when it is compressed.
 */
const PLAIN_JSON = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/** Of a body that was read, or was not. */
export function sentBody(bytes: Uint8Array | BodyError, contentType = '', contentEncoding = 'identity'): Body {
  if (typeof bytes === 'string') return { error: bytes };
  const isPlain = PLAIN_JSON.test(contentType.trim()) && contentEncoding.toLowerCase() === 'identity';
  return isPlain ? decode(bytes) : { error: 'unreadable' };
}

function decode(bytes: Uint8Array): Body {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { error: 'unreadable' };
  }
}

/** What a parser left: `express.text()` and `raw()` leave what is to be parsed; nothing was left of `undefined`. */
export function parsedBody(value: unknown): Body {
  if (value === undefined) return { error: 'unreadable' };
  if (typeof value === 'string') return { text: value };
  return value instanceof Uint8Array ? decode(value) : { value };
}
