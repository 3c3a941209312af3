import { expect, it } from '@jest/globals';
import { signInUrl } from '../../src/console/index.ts';

it.each([
  ['nothing but the challenge', {}, 'login_challenge=C'],
  ['languages, with blanks as %20', { uiLocales: ['ko', 'en'] }, 'login_challenge=C&ui_locales=ko%20en'],
  ['no languages', { uiLocales: [] }, 'login_challenge=C'],
  [
    'everything that applies',
    {
      uiLocales: ['en'],
      prompt: 'login' as const,
      maxAge: 0,
      acrValues: ['a', 'b'],
      loginHint: 'a+b@example.com',
      organization: 'acme',
    },
    'login_challenge=C&ui_locales=en&prompt=login&max_age=0&acr_values=a%20b&login_hint=a%2Bb%40example.com&organization=acme',
  ],
  [
    'a hint that wants to be another parameter',
    { loginHint: '&login_challenge=evil#' },
    'login_challenge=C&login_hint=%26login_challenge%3Devil%23',
  ],
])('the browser brings the console %s', (_name, hints, query) => {
  expect(signInUrl('https://console.example.com/mcp/sign-in', 'C', hints)).toBe(
    `https://console.example.com/mcp/sign-in?${query}`,
  );
});

it('keeps a query that the page has already', () => {
  expect(signInUrl('https://console.example.com/?page=sign-in', 'C', {})).toBe(
    'https://console.example.com/?page=sign-in&login_challenge=C',
  );
});
