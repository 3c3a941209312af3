import { expect, it } from '@jest/globals';
import { launchBrowser } from '../support/browser.ts';
import { theExample } from './example.ts';

/** Forms, cookies, referrers and redirects between two origins, as a real browser has them. */
it('a person signs in at the console, comes back, and is removed there by the owner', async () => {
  const here = await theExample();
  await using browser = await launchBrowser();
  const grace = await (await browser.newContext()).newPage();
  await grace.goto(here.server.begin({ uid: 'i-1' }));
  await grace.getByLabel('Email').fill('grace@example.com');
  await grace.getByLabel('Password').fill('demo-password');
  await grace.getByRole('button', { name: 'Sign in' }).click();
  await grace.waitForURL('**/oauth/interaction/i-1/done');
  expect(await grace.textContent('body')).toContain('Grace Hopper');
  expect(await grace.evaluate('document.referrer')).not.toContain('login_challenge');

  const ada = await (await browser.newContext()).newPage();
  await ada.goto(here.origin);
  await ada.getByLabel('Email').fill('ada@example.com');
  await ada.getByLabel('Password').fill('demo-password');
  await ada.getByRole('button', { name: 'Sign in' }).click();
  await ada.getByRole('button', { name: 'Remove Grace Hopper' }).click();
  await ada.getByRole('button', { name: 'Remove Grace Hopper' }).waitFor({ state: 'detached' });
  expect(here.server.ended).toEqual(['membershipEnded u_2 o_7']);

  await grace.goto(here.server.begin({ uid: 'i-2' }));
  await grace.waitForURL('**/oauth/interaction/i-2/done');
  await grace.goto(here.server.begin({ uid: 'i-3', rules: { prompt: 'select_account' } }));
  await grace.getByRole('button', { name: 'Cancel' }).click();
  await grace.waitForURL('**/oauth/interaction/i-3/done');
  expect(await grace.textContent('body')).toContain('access_denied');
  await here.close();
});
