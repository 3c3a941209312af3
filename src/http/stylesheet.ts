import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Stylesheet {
  readonly folder: string;
  /** Changes with the content, so browsers may keep it for ever. */
  readonly path: string;
  readonly body: string;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface StylesheetParts {
  readonly accentColor: string;
  /** Its path is in here. */
  readonly folder: string;
}

const SOURCE = new URL('../../views/assets/style.css', import.meta.url);

/** The one stylesheet, with the operator's accent colour; which tones of it are legible where, the stylesheet says itself. */
export function createStylesheet({ accentColor, folder }: StylesheetParts): Stylesheet {
  // Nothing but six hexadecimal digits: the value is written into a stylesheet.
  if (!/^#[0-9a-f]{6}$/i.test(accentColor)) throw new TypeError('accentColor must be a colour such as #3b5bdb');
  const body = `:root{--accent:${accentColor}}\n${readFileSync(SOURCE, 'utf8')}`;
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const etag = `"${hash}"`;
  const headers = {
    'Content-Type': 'text/css; charset=utf-8',
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
    ETag: etag,
  };
  return { folder, path: `${folder}/style-${hash}.css`, body, etag, headers };
}
