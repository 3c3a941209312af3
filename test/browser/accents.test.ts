import { describe, expect, it } from '@jest/globals';
import { contrastWithWhite, minContrast } from '../../src/config/contrast.ts';
import { createStylesheet } from '../../src/http/stylesheet.ts';
import { launchBrowser } from '../support/browser.ts';
import { findFaintText } from '../support/page-measures.ts';
import { shared } from '../support/shared.ts';

/** The darkest and the palest that the configuration accepts, of several hues. */
const accents = [
  ...['#000000', '#2f5d8a', '#3b5bdb', '#0000ff', '#0A7F5A', '#008000', '#767676', '#e60000', '#7f6000', '#c000c0'],
];
const schemes = ['light', 'dark'] as const;
const onActions = ['on-action on action', 'on-action on action-hover'] as const;

const browser = shared(launchBrowser);
const page = shared(() => browser.newPage());

/** Words in one colour of the stylesheet on another one. */
async function paint(accentColor: string, colorScheme: 'light' | 'dark', pairs: readonly `${string} on ${string}`[]) {
  const { body } = createStylesheet({ accentColor, folder: '/assets' });
  const painted = pairs.map((pair) => {
    const [text, behind] = pair.split(' on ');
    return `<p style="background: var(--${behind}); color: var(--${text})">${pair}</p>`;
  });
  await page.emulateMedia({ colorScheme });
  await page.setContent(`<style>${body}</style><main>${painted.join('')}</main>`);
}

describe.each(schemes.flatMap((scheme) => accents.map((accent) => ({ accent, scheme }))))(
  'the accent $accent in $scheme',
  ({ accent, scheme }) => {
    it('is one that the configuration accepts', () => {
      expect(contrastWithWhite(accent)).toBeGreaterThanOrEqual(minContrast);
    });

    it('leaves links and the words of buttons legible (WCAG 2.2 §1.4.3)', async () => {
      await paint(accent, scheme, ['link on surface', 'link on sunken', 'link on backdrop', ...onActions]);
      expect(await page.evaluate(findFaintText, 4.5)).toEqual([]);
    });

    it('lets a button stand out from what surrounds it (WCAG 2.2 §1.4.11)', async () => {
      await paint(accent, scheme, ['action on surface', 'action-hover on surface']);
      expect(await page.evaluate(findFaintText, 3)).toEqual([]);
    });
  },
);

it('the measure finds what is too faint, and knows the scheme', async () => {
  await paint('#3b5bdb', 'dark', ['surface on sunken']);
  expect(await page.evaluate(findFaintText, 4.5)).toHaveLength(1);
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await background();
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await background()).not.toBe(dark);
});
