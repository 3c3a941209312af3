import { TOTP } from 'otpauth';
import { createAuthenticator } from '../factors/authenticator.ts';
import { requestOf } from '../factors/factor-fixtures.ts';
import { oldPassword } from '../passwords/people.ts';
import type { LoadedPage } from '../support/browser-without-a-screen.ts';
import type { House } from './house.ts';

const secretOf = ({ html }: LoadedPage) => (/class="secret"><bdi>([^<]*)</.exec(html)?.[1] ?? '').replaceAll(' ', '');
const linkIn = ({ html }: LoadedPage, action: string) =>
  new RegExp(`href="([^"]*/factors/[^"]*/${action})"`).exec(html)?.[1] ?? '';

/** Setting up, showing, renaming and removing what people have beside their password. */
export async function walkFactors(house: House): Promise<void> {
  const { origin, sees, enrols, comes, pass, now, begins, account } = house;
  const security = `${account}/security`;
  const email = await enrols({ acme: 'owner' });
  const browser = comes();
  const signIn = await browser.open(account);
  await browser.submit(signIn, '/sign-in', { email, password: oldPassword });
  sees('account-security', 'a password alone', await browser.open(security));
  const app = sees('factor-app', 'to be set up', await browser.open(`${security}/app`));
  sees('factor-app', 'a wrong code', await browser.submit(app, '/security/app', { code: '000000' }));
  const secret = secretOf(app);
  const code = () => new TOTP({ secret }).generate({ timestamp: now() });
  const codes = await browser.submit(app, '/security/app', { code: code(), name: '' });
  sees('recovery-codes', 'the first', codes);
  sees('account-security', 'an app, just added', await browser.open(security));
  const passkey = sees('passkey', 'to be made', await browser.open(`${security}/new-passkey`));
  const key = createAuthenticator(origin);
  const sends = (at: LoadedPage, form: string) => {
    const { kind, options } = requestOf(at) as { kind: 'get' | 'create'; options: object };
    return browser.submit(at, form, { credential: key[kind](JSON.stringify(options)), name: 'Laptop' });
  };
  sees('passkey', 'one that cannot be used', await browser.submit(passkey, '/new-passkey', { credential: '{}' }));
  await sends(await browser.open(`${security}/new-passkey`), '/new-passkey');
  const list = sees('account-security', 'an app and a passkey', await browser.open(security));
  const rename = sees('account-rename', 'a factor', await browser.open(linkIn(list, 'rename')));
  sees('account-rename', 'a factor without a name', await browser.submit(rename, '/rename', { label: ' ' }));
  const remove = sees('account-confirm', 'to remove a factor', await browser.open(linkIn(list, 'remove')));
  sees('account-confirm', 'new codes', await browser.open(`${security}/recovery-codes`));

  pass(60);
  const again = comes();
  const asked = await again.submit(await again.open(account), '/sign-in', { email, password: oldPassword });
  const step = sees('factor-code', 'of an app', asked);
  sees('passkey', 'beside a password', await again.open(`${account}/sign-in?use=passkey`));
  sees('factor-code', 'a wrong one', await again.submit(step, '/factor', { code: '000000' }));
  const recovery = sees('factor-code', 'a recovery code', await again.open(`${account}/sign-in?use=recovery`));
  sees('factor-code', 'a wrong recovery code', await again.submit(recovery, '/factor', { code: 'wrong' }));
  sees('passkey', 'alone', await comes().open(`${account}/sign-in?use=passkey-alone`));
  const flow = await begins({ email });
  sees('factor-code', 'in a flow', await flow.signsIn());
  sees('passkey', 'in a flow', await flow.browser.open(`${flow.page.url.pathname}?use=passkey`));
  const other = await begins();
  sees('passkey', 'alone, in a flow', await other.browser.open(`${other.page.url.pathname}?use=passkey-alone`));

  await browser.submit(remove, '/remove');
  sees('account-security', 'just removed', await browser.open(security));
  const last = await browser.open(security);
  sees('account-confirm', 'to remove the last factor', await browser.open(linkIn(last, 'remove')));
}
