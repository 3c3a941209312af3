import { errors } from 'oidc-provider';
import { relyingParty } from '../support/relying-party.ts';
import { type House, website } from './house.ts';

const nine = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`team-${index + 1}`, 'member']));

/** The pages between a tool and its tokens. */
export async function walkFlow(house: House): Promise<void> {
  await walkToReceipt(house);
  await walkChoices(house);
  await walkTools(house);
  await walkWaysOut(house);
}

async function walkToReceipt({ sees, begins }: House): Promise<void> {
  const flow = await begins({ request: { scope: 'openid email profile project:read' } });
  const { browser, page, client, email } = flow;
  sees('sign-in', 'nobody is signed in', page);
  sees('sign-in', 'a wrong password', await browser.submit(page, '/sign-in', { email, password: 'wrong' }));
  const organizations = sees('organization', 'two', await flow.signsIn());
  sees('organization', 'one of others', await browser.open(`${organizations.url.pathname}?organization=nobodys`));
  sees('sign-in', 'somebody is signed in', await browser.open(`${organizations.url.pathname}?account=another`));
  const consent = sees('consent', 'one group', await flow.reaches());
  sees('consent', 'nothing is ticked', await browser.submit(consent, '/consent', { scope: [] }));
  const receipt = sees('receipt', 'approved', await flow.approves());
  sees('receipt', 'used', await browser.open(receipt.url.href));

  const more = await begins({ browser, client, email });
  sees('consent', 'for more than it has', await more.reaches());
  const same = await begins({ browser, client, email, request: { scope: 'project:read', prompt: 'consent' } });
  sees('consent', 'for no more than it has', await same.reaches());
  const other = await begins({ browser, email });
  sees('organization', 'one was used last', other.page);
}

async function walkChoices({ sees, begins, enrols, whileStoreFails }: House): Promise<void> {
  const none = await begins({ email: await enrols({}) });
  sees('no-organization', 'a new account', await none.signsIn());
  const many = await begins({ email: await enrols(nine) });
  const list = sees('organization', 'nine', await many.signsIn());
  sees('organization', 'some found', await many.browser.open(`${list.url.pathname}?organization=&search=team-1`));
  sees('organization', 'none found', await many.browser.open(`${list.url.pathname}?organization=&search=zzz`));
  const viewer = await begins({ email: await enrols({ acme: 'viewer' }), request: { scope: 'project:delete' } });
  sees('consent', 'nothing can be granted', await viewer.reaches());
  const member = await begins({ email: await enrols({ acme: 'member' }) });
  sees('consent', 'some is withheld', await member.reaches());
  const guarded = await begins({ email: await enrols({ vault: 'member', acme: 'member' }) });
  const required = sees('factor-required', 'one of two organizations', await guarded.reaches('vault'));
  await guarded.browser.open(`${required.url.pathname}?use=second`);

  const declined = await begins();
  const { sentBy } = await declined.browser.submit(declined.page, '/decline');
  sees('receipt', 'declined', sentBy);
  const failed = await begins();
  const consent = await failed.reaches();
  const gone = [new errors.InvalidTarget('gone meanwhile')];
  const answer = await whileStoreFails(
    (asked) => (asked.includes('signed-out:') ? gone.pop() : undefined),
    () => failed.browser.submit(consent, '/consent'),
  );
  sees('receipt', 'failed', answer.sentBy);
}

/** Each in another way unknown, or known. */
async function walkTools({ sees, begins, home, web, account }: House): Promise<void> {
  const pretending = await begins({ metadata: { client_name: 'bkend official Claude', redirect_uris: [website] } });
  sees('sign-in', 'a tool that pretends', pretending.page);
  sees('consent', 'a tool that pretends', await pretending.reaches());
  await pretending.approves();
  sees('account', 'a tool that pretends', await pretending.browser.open(account));
  const app = await begins({ metadata: { redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'] } });
  sees('consent', 'an app', await app.reaches());
  sees('receipt', 'to an app', (await app.browser.submit(await app.reaches(), '/consent')).sentBy);

  const ours = relyingParty(home.server.issuer, { client_id: 'ours', redirect_uris: [website] });
  const known = await begins({ client: ours });
  sees('consent', 'a tool with a logo', await known.reaches());
  sees('receipt', 'to a website', await known.approves());
  const url = 'https://zed.dev/client.json';
  web.serveJson(url, { client_id: url, client_name: 'Zed', redirect_uris: [website] });
  const published = await begins({
    client: relyingParty(home.server.issuer, { client_id: url, redirect_uris: [website] }),
  });
  sees('consent', 'a tool that is published', await published.reaches());
  await published.approves();
}

async function walkWaysOut({ sees, begins, comes, home, base }: House): Promise<void> {
  sees('welcome', 'nobody is signed in', await comes().open(home.server.issuer));
  const none = { request: { prompt: 'none' } };
  sees('departure', 'to a website', (await begins({ ...none, metadata: { redirect_uris: [website] } })).page);
  sees('departure', 'to an app', (await begins({ ...none, metadata: { redirect_uris: ['cursor://a/b'] } })).page);

  const { browser, approves } = await begins();
  await approves();
  const asked = sees('sign-out', 'somebody is signed in', await browser.open(`${base}/sign-out`));
  sees('signed-out', 'here', await browser.submit(asked, '/confirm'));
  const metadata = { redirect_uris: [website], post_logout_redirect_uris: ['https://tool.example.com/bye'] };
  const leaving = await begins({ metadata });
  await leaving.approves();
  const query = new URLSearchParams({
    client_id: leaving.client.clientId,
    post_logout_redirect_uri: 'https://tool.example.com/bye',
  });
  const before = await leaving.browser.open(`${home.server.issuer}/oauth/sign-out?${query}`);
  sees('departure', 'signed out', await leaving.browser.submit(before, '/confirm'));
}
