import { type ScriptedProvider, startScriptedProvider } from '../identity-providers/scripted-provider.ts';
import { oldPassword } from '../passwords/people.ts';
import type { LoadedPage, PlainBrowser } from '../support/browser-without-a-screen.ts';
import { type House, website } from './house.ts';

const client = { client_id: 'mcp-auth', client_secret: 'y' };

/** Two places where people have accounts; nobody answers at the first. */
export const placesWith = ({ issuer }: ScriptedProvider) => ({
  identityProviders: [
    {
      id: 'company',
      issuer: 'http://localhost:9',
      client,
      requiredFor: ['globex'],
      button: 'Acme',
      domains: ['acme.example'],
    },
    {
      id: 'partner',
      issuer,
      client,
      memberships: [{ emailDomain: 'scripted.example', organization: 'acme', organizationName: 'Acme', role: 'owner' }],
    },
  ],
  signIn: { passwords: true },
});

export const startPartner = () => startScriptedProvider();

/** Where people have their accounts at other places as well. */
export async function walkElsewhere(house: House, partner: ScriptedProvider): Promise<void> {
  const { sees, begins, comes, pass, now, account } = house;
  const flow = await begins();
  const { page, browser, email } = flow;
  sees('sign-in', 'several ways', page);
  sees('sign-in', 'with the password', await browser.submit(page, '/sign-in', { email }));
  const led = await browser.submit(page, '/sign-in', { email: 'ada@acme.example' });
  sees('sign-in-elsewhere', 'in a flow', led.sentBy);
  sees('sign-in-refused', 'nobody answers', await browser.open(`${page.url.pathname}?with=company`));
  const { url } = await browser.submit(page, '/sign-in', { email, password: oldPassword });
  sees('place-required', 'one of two organizations', await browser.open(`${url.pathname}?organization=globex`));
  const person = comes();
  const asked = sees('account-sign-in', 'several ways', await person.open(account));
  const ledOn = await person.submit(asked, '/sign-in', { email: 'ada@acme.example' });
  sees('sign-in-elsewhere', 'in the account', ledOn.sentBy);
  sees('sign-in-refused', 'in the account', await person.open(`${account}/sign-in?with=company`));
  // What the partner signs has times of this machine.
  pass((Date.now() - now()) / 1000);
  await walkReturns(house, partner);
}

const refusals = {
  'the place said no': { callback: (parameters: URLSearchParams) => parameters.set('error', 'access_denied') },
  'the answer cannot be used': { sign: async () => 'not a token' },
  'nothing says when that was': { idToken: ({ auth_time: _, ...claims }: Record<string, unknown>) => claims },
};

/** Coming back from such a place, and signing out there. */
async function walkReturns({ sees, begins, comes, home, account }: House, partner: ScriptedProvider): Promise<void> {
  for (const [state, script] of Object.entries(refusals)) {
    partner.plays(script);
    const { browser, page } = await begins({ request: { prompt: 'login' } });
    sees('sign-in-refused', state, await goesThere(browser, `${page.url.pathname}?with=partner`));
  }
  partner.plays({});
  await goesThere(comes(), `${account}/sign-in?with=partner`);
  const bye = 'https://tool.example.com/bye';
  const metadata = { redirect_uris: [website], post_logout_redirect_uris: [bye] };
  for (const [view, uri] of [
    ['signed-out', undefined],
    ['departure', bye],
  ] as const) {
    const {
      browser,
      page,
      client: { clientId },
    } = await begins({ metadata });
    await goesThere(browser, `${page.url.pathname}?with=partner`);
    const query = new URLSearchParams({ client_id: clientId, ...(uri && { post_logout_redirect_uri: uri }) });
    const before = await browser.open(`${home.server.issuer}/oauth/sign-out?${query}`);
    const after = await browser.submit(before, '/confirm');
    sees(view, 'there as well', after.sentBy ?? after);
  }
}

/** To the place, where nobody has to press anything, and back. */
async function goesThere(browser: PlainBrowser, path: string): Promise<LoadedPage> {
  const there = await browser.open(path);
  const answer = await fetch(there.url, { redirect: 'manual' });
  return browser.open(answer.headers.get('location') ?? '');
}
