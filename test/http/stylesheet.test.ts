import { describe, expect, it } from '@jest/globals';
import { assetEndpoints, serveEndpoints } from '../../src/http/index.ts';
import { createStylesheet } from '../../src/http/stylesheet.ts';
import { serveKoa } from '../support/koa-app.ts';

const stylesheetWith = (accentColor: string) => createStylesheet({ accentColor, folder: '/mcp/oauth/assets' });
const blue = stylesheetWith('#3b5bdb');

function declarationsOf(css: string): string[] {
  const bare = css.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...bare.matchAll(/(?<=[{;])\s*([\w-]+\s*:[^;{}]+)(?=[;}])/g)].map(([, each = '']) => each.trim());
}

/** Of two sides that differ where a page is turned. */
function isPhysical(declaration: string): boolean {
  const [name = '', value = ''] = declaration.split(/\s*:\s*/s);
  if (/(^|-)(left|right)(-|$)/.test(name) || /translateX|translate3d/.test(value)) return true;
  if (/^(text-align|float|clear|transform-origin|background-position)$/.test(name))
    return /\b(left|right)\b/.test(value);
  const sides = value.split(/\s+(?![^(]*\))/);
  if (name === 'border-radius')
    return sides.length > 1 && (sides[0] !== sides[1] || sides[2] !== (sides[3] ?? sides[1]));
  const hasSides = /^(margin|padding|inset|border-(width|style|color)|scroll-(margin|padding))$/.test(name);
  return hasSides && sides.length === 4 && sides[1] !== sides[3];
}

describe('the stylesheet', () => {
  it('has an address that changes with the accent colour and with nothing else', () => {
    expect(blue.path).toMatch(/^\/mcp\/oauth\/assets\/style-[0-9a-f]{16}\.css$/);
    expect(stylesheetWith('#3b5bdb').path).toBe(blue.path);
    expect(stylesheetWith('#0a7f5a').path).not.toBe(blue.path);
  });

  it('may be kept for ever, as its address changes with its content', () => {
    const { headers, etag, path } = blue;
    expect(headers['Cache-Control']).toBe('public, max-age=31536000, immutable');
    expect(headers['Content-Type']).toBe('text/css; charset=utf-8');
    expect(path).toContain(etag.replaceAll('"', ''));
  });

  it('refers to nothing else', () => {
    expect(blue.body).not.toMatch(/url\(|@import|https?:/);
  });

  it('is for pages that are read from right to left, too: nothing of it is to the left or to the right', () => {
    const physical = [
      ...['margin-left: 1px', 'padding-right: 1px', 'border-left: 1px solid', 'border-top-left-radius: 1px', 'left: 0'],
      ...['text-align: right', 'float: left', 'margin: 0 1px 0 0', 'inset: 0 0 0 auto'],
      ...['border-radius: 1px 0 0 1px', 'transform: translateX(1px)'],
    ];
    expect(physical.filter((each) => !isPhysical(each))).toEqual([]);
    expect(declarationsOf(physical.map((each) => `a { ${each}; }`).join(' ')).filter(isPhysical)).toEqual(physical);
    const declarations = declarationsOf(blue.body);
    expect(declarations.length).toBeGreaterThan(300);
    expect(declarations.filter(isPhysical)).toEqual([]);
  });

  it.each(['red', '#fff', '#3b5bdb;}', '#3b5bdg', '', '#3b5bdb\n', 'rgb(0 0 0)', '#3b5bdbff'])(
    'refuses an accent colour that is not six hexadecimal digits: %j',
    (accentColor) => {
      expect(() => stylesheetWith(accentColor)).toThrow(TypeError);
    },
  );
});

/** During an update one node sends the page, and another is asked for its stylesheet. */
describe('the stylesheet of another version (R120)', () => {
  const look = async (path: string, headers: Record<string, string> = {}) => {
    await using app = await serveKoa(serveEndpoints(assetEndpoints(blue)));
    const answer = await fetch(app.origin + path, { headers });
    return [answer.status, answer.headers.get('cache-control'), (await answer.text()) === blue.body];
  };
  const other = '/mcp/oauth/assets/style-0123456789abcdef.css';

  it('is answered with the present one, which is not kept under that name', async () => {
    expect(await look(blue.path)).toEqual([200, blue.headers['Cache-Control'], true]);
    expect(await look(other)).toEqual([200, 'no-cache', true]);
    expect(await look(other, { 'If-None-Match': '"0123456789abcdef"' })).toEqual([200, 'no-cache', true]);
    expect(await look(other, { 'If-None-Match': blue.etag })).toEqual([304, 'no-cache', false]);
  });

  it.each(['style.css', 'style-.css', 'style-xyz.css', 'style-0123456789abcdef.css.map', 'script-0123456789abcdef.js'])(
    'does not make %s one',
    async (file) => {
      expect((await look(`/mcp/oauth/assets/${file}`))[0]).toBe(404);
    },
  );
});
