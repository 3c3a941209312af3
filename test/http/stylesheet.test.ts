import { describe, expect, it } from '@jest/globals';
import { createStylesheet } from '../../src/http/stylesheet.ts';

const stylesheetWith = ({ accentColor }: { accentColor: string }) =>
  createStylesheet({ accentColor, folder: '/mcp/oauth/assets' });

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
});
