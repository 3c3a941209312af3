import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { type BrowserLab, openBrowserLab } from '../test/support/browser-lab.ts';
import { password } from '../test/support/person-in-browser.ts';

/** Of the pages that the documents show, in each language: `npm run pictures`. Needs Chromium and a font with Hangul. */
const width = 420;
const languages = { en: 'en-US', ko: 'ko-KR' } as const;

for (const [language, locale] of Object.entries(languages)) {
  const lab = await openBrowserLab();
  try {
    await takePictures(lab, language, locale);
  } finally {
    await lab.close();
  }
}

async function takePictures(lab: BrowserLab, language: string, locale: string): Promise<void> {
  const { page } = await lab.person('demo@example.com', {
    locale,
    viewport: { width, height: 600 },
    deviceScaleFactor: 1.5,
  });
  const take = (name: string) => takePicture(page, `${name}.${language}.png`);
  const attempt = lab.tool.connects();
  await page.goto(attempt.url);
  await page.locator('input[type=email]').fill('demo@example.com');
  await page.locator('input[type=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.getByText('Acme Corp').first().click();
  await page.locator('.permissions, details').first().waitFor();
  await take('consent');
  await page.locator('button[value=approve], .decision button').first().click();
  // At the tool, and no longer on the way: nobody goes back from a page that is not there yet.
  await page.waitForURL(/\/callback\?/);
  await attempt.arrival();
  await attempt.receivesTokens();
  await page.goBack();
  await take('receipt');
  await page.goto(`${lab.server.issuer}/oauth/account`);
  await take('account');
}

async function takePicture(page: Page, name: string): Promise<void> {
  await page.evaluate('document.activeElement?.blur()');
  // As high as the page is, and no higher than the one before it: what sticks to the foot of a window is at the foot of the
  // picture.
  await page.setViewportSize({ width, height: 1 });
  const height: number = await page.evaluate('document.documentElement.scrollHeight');
  await page.setViewportSize({ width, height });
  await page.screenshot({ path: fileURLToPath(new URL(name, import.meta.url)), fullPage: true });
}
