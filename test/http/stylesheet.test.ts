import { describe, expect, it } from '@jest/globals';
import { createStylesheet } from '../../src/http/stylesheet.ts';

const stylesheetWith = ({ accentColor }: { accentColor: string }) =>
  createStylesheet({ accentColor, folder: '/mcp/oauth/assets' });
const ACCENTS = ['#3b5bdb', '#000000', '#ffffff', '#ffff00', '#ff0000', '#808080', '#0A7F5A'];

describe('the stylesheet', () => {
  it('has an address that changes with the accent colour and with nothing else', () => {
    const blue = stylesheetWith({ accentColor: '#3b5bdb' });
    expect(blue.path).toMatch(/^\/mcp\/oauth\/assets\/style-[0-9a-f]{16}\.css$/);
    expect(stylesheetWith({ accentColor: '#3b5bdb' }).path).toBe(blue.path);
    expect(stylesheetWith({ accentColor: '#0a7f5a' }).path).not.toBe(blue.path);
  });

  it('may be kept for ever, as its address changes with its content', () => {
    const { headers, etag, path } = stylesheetWith({ accentColor: '#3b5bdb' });
    expect(headers['Cache-Control']).toBe('public, max-age=31536000, immutable');
    expect(headers['Content-Type']).toBe('text/css; charset=utf-8');
    expect(path).toContain(etag.replaceAll('"', ''));
  });

  it('refers to nothing else', () => {
    expect(stylesheetWith({ accentColor: '#3b5bdb' }).body).not.toMatch(/url\(|@import|https?:/);
  });

  it.each(['red', '#fff', '#3b5bdb;}', '#3b5bdg', '', '#3b5bdb\n', 'rgb(0 0 0)', '#3b5bdbff'])(
    'refuses an accent colour that is not six hexadecimal digits: %j',
    (accentColor) => {
      expect(() => stylesheetWith({ accentColor })).toThrow(TypeError);
    },
  );

  it.each(
    ACCENTS.flatMap(
      (accent) =>
        [
          { accent, scheme: 'light' },
          { accent, scheme: 'dark' },
        ] as const,
    ),
  )('keeps links, buttons and their words legible with the accent $accent in $scheme', ({ accent, scheme }) => {
    const tone = tonesOf(accent, scheme);
    expect(contrast(tone('link'), tone('surface'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tone('action'), tone('surface'))).toBeGreaterThanOrEqual(3);
    expect(contrast(tone('on-action'), tone('action'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tone('on-action'), tone('action-hover'))).toBeGreaterThanOrEqual(4.5);
  });
});

function tonesOf(accentColor: string, scheme: 'light' | 'dark'): (name: string) => string {
  const [light = '', dark = ''] = (stylesheetWith({ accentColor }).body.split('\n')[0] ?? '').split('@media');
  const declarations = scheme === 'light' ? light : dark;
  return (name) => new RegExp(`--${name}:(#[0-9a-f]{6})`).exec(declarations)?.[1] ?? '';
}

/** WCAG 2.2, written a second time so that the first cannot vouch for itself. */
function contrast(one: string, other: string): number {
  const luminances = [one, other].map((color) => {
    const channels = [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16) / 255);
    const [r = Number.NaN, g = Number.NaN, b = Number.NaN] = channels.map((c) =>
      c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  return (Math.max(...luminances) + 0.05) / (Math.min(...luminances) + 0.05);
}
