import { expect, it } from '@jest/globals';
import { launchBrowser } from '../support/browser.ts';
import { theExample } from './example.ts';

/** Forms, cookies, referrers and redirects between two origins, as a real browser has them. */
it('a person signs in at the console, comes back, and is removed there by the owner', async () => {
  const here = await theExample();
  await using browser = await launchBrowser();
  const signsIn = async (name: string, address: string) => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(address);
    await page.getByLabel('Email').fill(`${name}@example.com`);
    await page.getByLabel('Password').fill('demo-password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    return page;
  };
  const grace = await signsIn('grace', here.server.begin('i-1'));
  await grace.waitForURL('**/oauth/interaction/i-1/done');
  expect(await grace.textContent('body')).toContain('Grace Hopper');
  expect(await grace.evaluate('document.referrer')).not.toContain('login_challenge');

  const ada = await signsIn('ada', here.origin);
  await ada.getByRole('button', { name: 'Remove Grace Hopper' }).click();
  await ada.getByRole('button', { name: 'Remove Grace Hopper' }).waitFor({ state: 'detached' });
  expect(here.server.ended).toEqual(['membershipEnded u_2 o_7']);

  await grace.goto(here.server.begin('i-2'));
  await grace.waitForURL('**/oauth/interaction/i-2/done');
  await grace.goto(here.server.begin('i-3', { prompt: 'select_account' }));
  await grace.getByRole('button', { name: 'Cancel' }).click();
  await grace.waitForURL('**/oauth/interaction/i-3/done');
  expect(await grace.textContent('body')).toContain('access_denied');
  await here.close();
});
