import type { RequestListener } from 'node:http';
import { expect, it } from '@jest/globals';
import { listening } from '../support/listening.ts';
import { temporaryFolder } from '../support/process.ts';
import { account, headingOf, startFactors } from './factor-fixtures.ts';

it('whoever is signed in with the password alone, since before more was required, shows it first on every way in', async () => {
  await using folder = await temporaryFolder();
  let answer: RequestListener = () => undefined;
  await using front = await listening((request, response) => answer(request, response));
  const restart = async (signIn: Record<string, unknown> = {}) => {
    const here = await startFactors(signIn, { DATABASE: `${folder.path}/auth.db` }, `${front.origin}/mcp`);
    answer = here.server.server.callback();
    return here;
  };
  await using before = await restart();
  const someone = before.someone();
  const { client, page, approves } = await someone.arrives();
  expect((await approves(await someone.types(page))).access).toMatchObject({ amr: ['pwd'], org_slug: 'acme' });
  const asksSilently = async () => {
    const { searchParams } = (await someone.arrives({ prompt: 'none' }, client)).page.url;
    return [searchParams.get('error'), searchParams.has('code')];
  };

  await using _byOrganization = await restart({ secondFactorFor: ['acme'] });
  expect(await asksSilently()).toEqual(['consent_required', false]);
  const more = await someone.arrives({ scope: 'openid project:read project:create' }, client);
  expect([headingOf(more.page), more.page.html.includes('/consent"')]).toEqual([
    expect.stringContaining('Acme'),
    false,
  ]);

  await using _everybody = await restart({ secondFactor: 'required' });
  expect(await asksSilently()).toEqual(['login_required', false]);
  for (const path of [account, `${account}/security`, `${account}/password`])
    expect((await someone.browser.open(path)).url.pathname).toBe(`${account}/sign-in`);
  // Whoever sits there with that session might be anybody: the password comes first.
  const { page: asked } = await someone.arrives({}, client);
  expect(headingOf(asked)).toBe('Sign in');
  expect(headingOf(await someone.types(asked))).toBe('Set up an authenticator app');
});
