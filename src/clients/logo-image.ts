import { createHash } from 'node:crypto';

/** Of a logo; real ones have a few. */
export const maxLogoBytes = 256 * 1024;

type ImageType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const signatures: readonly (readonly [ImageType, (start: Buffer) => boolean])[] = [
  // With the chunk that must come first.
  ['image/png', (start) => start.indexOf(latin1('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')) === 0],
  ['image/jpeg', (start) => start.indexOf(latin1('\xff\xd8\xff')) === 0],
  ['image/gif', (start) => /^GIF8[79]a/.test(start.toString('latin1'))],
  ['image/webp', (start) => /^RIFF.{4}WEBPVP8[ LX]/s.test(start.toString('latin1'))],
];

/**
 * What the first bytes say; whatever else is declared, a browser is told this type and no other. Nothing is decoded here:
 * what unpacks to gigabytes is a matter of the browser, which bounds it. No SVG: that is a document with scripts and links.
 */
export function imageTypeOf(bytes: Uint8Array): ImageType | undefined {
  if (bytes.length > maxLogoBytes) return undefined;
  const start = Buffer.from(bytes.subarray(0, 32));
  return signatures.find(([, begins]) => begins(start))?.[0];
}

interface LogoImage {
  readonly type: ImageType;
  readonly bytes: Uint8Array;
}

/** Under its hash: what is served there never becomes another picture. */
export interface Logo extends LogoImage {
  readonly hash: string;
}

export function toLogo(image: LogoImage): Logo {
  return { ...image, hash: createHash('sha256').update(image.bytes).digest('base64url') };
}

/** What an operator wrote, or what stood in the file that they named; the declared type counts for nothing. */
export function readLogo(dataUrl: string): Logo | undefined {
  const bytes = bytesIn(dataUrl);
  const type = imageTypeOf(bytes);
  return type && toLogo({ type, bytes });
}

/** Why a logo of the configuration cannot be used, as the end of a sentence. */
export function findLogoError(dataUrl: string): string | undefined {
  if (!dataUrl.startsWith('data:')) return 'must be a data URL, or the name of a file beside this one';
  if (bytesIn(dataUrl).length > maxLogoBytes) return `must be at most ${maxLogoBytes / 1024} kB`;
  return readLogo(dataUrl) ? undefined : 'must be a PNG, JPEG, WebP or GIF image (no SVG), in base64';
}

function bytesIn(dataUrl: string): Buffer {
  const [, base64 = ''] = /^data:[\w.+/-]*(?:;[\w=.+-]*)*;base64,([A-Za-z0-9+/\s]+={0,2})$/.exec(dataUrl) ?? [];
  return Buffer.from(base64, 'base64');
}
