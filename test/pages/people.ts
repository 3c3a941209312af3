import { newPassword, oldPassword } from '../passwords/people.ts';
import type { House } from './house.ts';

/** Passwords that are forgotten, chosen and changed, and invitations. */
export async function walkPasswords(house: House): Promise<void> {
  const { home, sees, enrols, comes, invites, base, account } = house;
  const email = await enrols({ acme: 'member' });
  const browser = comes();
  const form = sees('forgotten', 'to be filled in', await browser.open(`${base}/password/forgotten`));
  sees('forgotten', 'no email', await browser.submit(form, '/forgotten', { email: 'nobody' }));
  sees('mailed', 'on its way', await browser.submit(form, '/forgotten', { email }));
  const { link } = await home.mailbox.newest(email);
  const { page, chooses } = await home.follows(link, browser);
  sees('new-password', 'to be chosen', page);
  sees('new-password', 'too short', await chooses({ password: 'short', repeated: 'short' }));
  sees('new-password', 'two different ones', await chooses({ repeated: 'another one' }));
  sees('link', 'a password is saved', await chooses());
  sees('link', 'it cannot be used', await browser.open(link));
  for (let times = 0; times < 2; times += 1) await home.forgets(email, browser, `${base}/password/forgotten`);
  sees('forgotten', 'too often', await home.forgets(email, browser, `${base}/password/forgotten`));

  const accepting = await invites('linus@example.com');
  const invitation = await home.follows(accepting, comes());
  sees('invitation', 'to be accepted', invitation.page);
  sees('invitation', 'without a name', await invitation.chooses({ name: ' ' }));
  sees('link', 'an account is there', await invitation.chooses({ name: 'Linus' }));
  await comes().open(accepting);

  const person = comes();
  const change = await person.submit(await person.open(`${account}/password`), '/sign-in', {
    email,
    password: newPassword,
  });
  sees('account-password', 'to be changed', change);
  const fields = { current: 'wrong', password: oldPassword, repeated: oldPassword };
  sees('account-password', 'a wrong one', await person.submit(change, '/password', fields));
  const changed = await person.submit(change, '/password', { ...fields, current: newPassword });
  sees('account', 'nothing is connected, a password was changed', changed);
}

/** What was connected, and who is signed in. */
export async function walkAccount(house: House): Promise<void> {
  const { sees, begins, enrols, comes, pass, fills, account } = house;
  sees('account-sign-in', 'nobody is signed in', await comes().open(account));
  const founder = comes();
  const first = await enrols({ empty: 'owner' });
  await founder.submit(await founder.open(account), '/sign-in', { email: first, password: oldPassword });
  sees('account-organization', 'nothing is connected', await founder.open(`${account}/organizations/empty`));
  const email = await enrols({ acme: 'owner', globex: 'viewer' });
  const { browser, approves } = await begins({ email });
  await approves();
  await (await begins({ email, metadata: { client_name: 'Cursor' } })).approves();
  const overview = sees('account', 'two tools', await browser.open(account));
  const [, one = ''] = /href="([^"]*\/connections\/[\w-]+)"/.exec(overview.html) ?? [];
  sees('account-connection', 'one', await browser.open(one));
  const rename = sees('account-rename', 'a connection', await browser.open(`${one}/rename`));
  sees('account-rename', 'without a name', await browser.submit(rename, '/rename', { label: '' }));
  sees('account-connection', 'just renamed', await browser.submit(rename, '/rename', { label: 'Mac' }));
  const change = sees('account-change', 'the same organization', await browser.open(`${one}/change`));
  sees('account-change', 'another organization', await browser.open(`${one}/change?organization=globex`));
  sees('account-change', 'nothing is ticked', await browser.submit(change, '/change', { scope: [] }));
  await (await begins({ email, metadata: {} })).approves();
  const client = `${account}/clients/disconnect?client=name%3AClaude%20Code`;
  sees('account-confirm', 'to disconnect several', await browser.open(client));
  sees('account-organization', 'somebody’s connections', await browser.open(`${account}/organizations/acme`));
  const ofMember = await begins({ email: await enrols({ acme: 'member' }) });
  await ofMember.approves();
  const theirs = sees('account-organization', 'everybody’s', await browser.open(`${account}/organizations/acme`));
  const ends = [...theirs.html.matchAll(/href="([^"]*\/organizations\/acme\/connections\/[\w-]+\/disconnect)"/g)];
  const end = ends.map(([, href = '']) => href).find((href) => !href.includes(one.split('/').at(-1) ?? '')) ?? '';
  const disconnect = sees('account-confirm', 'to disconnect one', await browser.open(`${one}/disconnect`));
  sees('account', 'just disconnected', await browser.submit(disconnect, '/disconnect'));
  sees('account-confirm', 'to sign out', await browser.open(`${account}/sign-out`));
  sees('account-confirm', 'to sign out everywhere', await browser.open(`${account}/sign-out/everywhere`));
  const ended = sees('account-confirm', 'to end a member’s', await browser.open(end));
  sees('account-organization', 'just ended', await browser.submit(ended, '/disconnect'));
  await fills(email, 120);
  sees('account', 'the first of three pages', await browser.open(account));
  sees('account', 'the second of three pages', await browser.open(`${account}?page=2`));
  sees('account-organization', 'of two pages', await browser.open(`${account}/organizations/acme?page=3`));
  pass(16 * 60);
  sees('account-sign-in', 'again', await browser.open(`${account}/sign-out/everywhere`));
}
