import { StoreUnavailable } from '../../src/storage/index.ts';
import { oldPassword } from '../passwords/people.ts';
import type { House } from './house.ts';

const unknown = '/authorize?client_id=nobody';

const addresses = {
  'nothing is there': '/account/nothing',
  'a flow has ended': '/interaction/ended',
  'a tool is not known': unknown,
  'a program is not known': `${unknown}&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F`,
  ...Object.fromEntries(
    [
      'https://vscode.dev/',
      'cursor://a/b',
      'claude://a/b',
      'https://claude.ai/',
      'https://chatgpt.com/',
      'http://localhost:6274/',
    ].map((uri) => [`${uri} is not known`, `${unknown}&redirect_uri=${encodeURIComponent(uri)}`]),
  ),
  'what describes a tool cannot be used': '/authorize?client_id=https%3A%2F%2Fzed.dev%2Fnothing.json',
  'a request lacks something': '/authorize',
};

/** What cannot be done, and why. */
export async function walkErrors(house: House): Promise<void> {
  const { sees, begins, comes, enrols, whileStoreFails, base, account } = house;
  const seesError = (state: string, rest: Parameters<House['sees']>[2]) => sees('error', state, rest);
  for (const [state, address] of Object.entries(addresses)) seesError(state, await comes().open(base + address));
  const refused = await begins({ request: { redirect_uri: 'https://elsewhere.example/' } });
  seesError('a place that was not registered', refused.page);

  const { browser, page, email } = await begins();
  const credentials = { email, password: oldPassword };
  const away = () => new StoreUnavailable('away');
  const broken = () => new Error('broken');
  seesError('a page that shows itself again', await whileStoreFails(away, () => browser.open(page.url.href)));
  seesError(
    'a form that is not sent',
    await whileStoreFails(away, () => browser.submit(page, '/sign-in', credentials)),
  );
  seesError('something is broken', await whileStoreFails(broken, () => browser.open(page.url.href)));
  seesError(
    'a form of elsewhere',
    await browser.submit(page, '/sign-in', credentials, {
      'Sec-Fetch-Site': 'cross-site',
      Origin: 'https://evil.example',
    }),
  );
  const without = { url: page.url, status: 200, headers: new Headers(), html: page.html };
  seesError('no cookie came', await comes().submit(without, '/sign-in', credentials));

  const known = await begins();
  await known.approves();
  const form = await known.browser.open(`${account}/sign-out`);
  seesError('a form of before', await known.browser.submit(form, '/sign-out', { csrf: 'other' }));
  const odd = await begins({ email: await enrols({ acme: 'astronaut' }) });
  seesError('a role that is not known', await odd.reaches());

  const crowd = { browser: comes({ 'X-Forwarded-For': '192.0.2.7' }), client: known.client };
  const pages = [];
  for (let times = 0; times < 12; times += 1) pages.push((await begins({ ...crowd, email })).page);
  seesError(
    'too many at once',
    pages.find(({ status }) => status === 429),
  );
}
