import { oldPassword } from '../passwords/people.ts';
import { type House, website } from './house.ts';

const addresses = [
  '/token',
  '/password/mailed',
  '/interaction/nothing',
  '/authorize/nothing',
  '/authorize?client_id=https%3A%2F%2Ftool.invalid%2Fclient.json',
  '/account/sign-in?language=ko',
  '/sign-out?id_token_hint=x',
  '/sign-out/success',
];

/** What a stranger asks for, so that the answer goes to an address of theirs. */
const strangers = [
  [website, { redirect_uri: 'https://elsewhere.example/' }],
  [website, { response_mode: 'form_post' }],
  ['cursor://a/b', { response_mode: 'form_post' }],
  [website, { response_mode: 'form_post', prompt: 'none' }],
] as const;

/** Ways on which no page has a state of its own: what is answered there is judged all the same. */
export async function walkBesides({ origin, base, account, begins, comes, enrols }: House): Promise<void> {
  for (const address of [`${origin}/`, `${origin}/nothing`, ...addresses.map((each) => base + each)])
    await comes().open(address);
  for (const [redirectUri, request] of strangers) await begins({ request, metadata: { redirect_uris: [redirectUri] } });

  const flow = await begins();
  await flow.browser.submit(flow.page, '/sign-in', { csrf: 'wrong' });
  const consent = await flow.reaches();
  await flow.approves();
  for (const { href } of [consent.url, flow.url]) await flow.browser.open(href);

  const browser = comes();
  const email = await enrols({ acme: 'owner' });
  await browser.submit(await browser.open(account), '/sign-in', { email, password: oldPassword });
  for (const below of [
    '/connections/nothing',
    '/security/factors/nothing/remove',
    '/organizations/nothing',
    '/sign-in',
  ])
    await browser.open(account + below);
  await browser.submit(await browser.open(`${account}/sign-out`), '/sign-out');
}
