import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { base, type Home, inviteTo, newPassword, oldPassword, startHome } from '../passwords/people.ts';
import { createPlainBrowser, type PlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import type { ReceivedMail } from '../support/mailbox.ts';
import { administratorsWords, textOf, withoutAddresses } from '../support/page-text.ts';
import { changedPolicy } from '../support/policy.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { password } from '../support/visitor.ts';

/** Of tools, people, organizations, formats; and what a tool's own menu says stands in quotation marks. */
const names =
  /Claude Code|Claude|Cursor|VS Code|ChatGPT|Codex|mcp-remote|MCP|OAuth|AI|URL|bkend|Demo Person|New Person|A Person|Linus|Laptop|Acme Corp|Acme|Globex|English|Authenticate|Mac|Chrome|QR/g;

/** English words that somebody reads, or hears: titles and labels as well. */
const englishIn = (page: Pick<Rest, 'html'>): string[] =>
  withoutAddresses(textOf(page))
    .replaceAll(names, ' ')
    .match(/[A-Za-z]{2,}/g) ?? [];

let server: TestServer;
let browser: PlainBrowser;
const korean = { 'Accept-Language': 'ko-KR,ko;q=0.9,en-US;q=0.8' };
beforeAll(async () => {
  server = await startServer();
  browser = createPlainBrowser(server.origin, korean);
});
afterAll(() => server.close());

function isKorean(page: Rest | undefined, status = 200): Rest {
  if (!page) throw new Error('there is no page');
  expect([page.url.pathname, page.status, /<html lang="(\w+)"/.exec(page.html)?.[1]]).toEqual([
    page.url.pathname,
    status,
    'ko',
  ]);
  expect({ page: page.url.pathname, english: englishIn(page) }).toEqual({ page: page.url.pathname, english: [] });
  expect(administratorsWords(textOf(page))).toEqual([]);
  return page;
}

async function begins(email: string, metadata: Record<string, unknown> = {}) {
  const fresh = createPlainBrowser(server.origin, korean);
  const client = await registerClient(server.issuer, { client_name: 'Claude Code', ...metadata });
  const { url, verifier } = client.authorizationRequest({ scope: 'openid email profile *:*' });
  const page = isKorean(await fresh.open(url.href));
  const signsIn = () => fresh.submit(page, '/sign-in', { email, password });
  return { fresh, client, url, verifier, page, signsIn };
}

describe('a Korean page', () => {
  it('finds English where there is some', () => {
    expect(englishIn({ html: '<title>로그인</title><p>로그인 Sign in <code>x</code></p>' })).toEqual(['Sign', 'in']);
    expect(englishIn({ html: '<title>로그인</title><nav aria-label="Pages">1</nav>' })).toEqual(['Pages']);
  });

  it('is Korean throughout a flow: signing in, choosing, approving, and what follows', async () => {
    const { fresh, page, signsIn, client, verifier } = await begins('demo@example.com');
    isKorean(await fresh.submit(page, '/sign-in', { email: 'demo@example.com', password: 'wrong' }), 422);
    const organizations = isKorean(await signsIn());
    isKorean(await fresh.open(`${organizations.url.pathname}?organization=nobodys`), 422);
    isKorean(await fresh.open(`${organizations.url.pathname}?account=another`));
    const consent = isKorean(await fresh.open(`${organizations.url.pathname}?organization=acme`));
    isKorean(await fresh.submit(consent, '/consent', { scope: [] }), 422);
    const gone = await fresh.submit(consent, '/consent');
    isKorean(gone.sentBy);
    await client.exchange(gone.url, verifier);
    isKorean(await fresh.open(page.url.href));
  });

  it('is Korean where somebody declines, and where nobody has an organization', async () => {
    const { fresh, page } = await begins('demo@example.com');
    isKorean((await fresh.submit(page, '/decline')).sentBy);
    const without = await begins('new@example.com');
    isKorean(await without.signsIn());
  });

  it('is Korean in the account', async () => {
    const { fresh, signsIn, client, verifier } = await begins('demo@example.com');
    const organizations = await signsIn();
    const consent = await fresh.open(`${organizations.url.pathname}?organization=acme`);
    const { body } = await client.exchange((await fresh.submit(consent, '/consent')).url, verifier);
    expect(body.access_token).toBeDefined();
    const account = '/mcp/oauth/account';
    const overview = isKorean(await fresh.open(account));
    const [, one = ''] = /href="([^"]*\/connections\/[\w-]+)"/.exec(overview.html) ?? [];
    const connection = isKorean(await fresh.open(one));
    const rename = isKorean(await fresh.open(`${connection.url.pathname}/rename`));
    isKorean(await fresh.submit(rename, '/rename', { label: '' }), 422);
    isKorean(await fresh.submit(rename, '/rename', { label: '노트북' }));
    const change = isKorean(await fresh.open(`${connection.url.pathname}/change?organization=globex`));
    isKorean(await fresh.submit(change, '/change', { scope: [] }), 422);
    isKorean(await fresh.open(`${account}/clients/disconnect?client=name%3AClaude%20Code`));
    isKorean(await fresh.open(`${account}/organizations/acme`));
    isKorean(await fresh.open(`${connection.url.pathname}/disconnect`));
    for (const path of ['/sign-out/everywhere', '/sign-out', '/sign-in']) isKorean(await fresh.open(account + path));
    const out = await fresh.open(`${account}/sign-out`);
    isKorean(await fresh.submit(out, '/sign-out'));
  });

  it.each([
    ['there is nothing', '/mcp/oauth/account/nothing', 404],
    ['a flow has ended', '/mcp/oauth/interaction/ended', 400],
    ['a tool is not known', '/mcp/oauth/authorize?client_id=nobody', 400],
    ['a program is not known', '/mcp/oauth/authorize?client_id=nobody&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2F', 400],
    ['a described tool cannot be used', '/mcp/oauth/authorize?client_id=https%3A%2F%2Ftool.invalid%2Fclient.json', 503],
    ['a request lacks something', '/mcp/oauth/authorize', 400],
    ['somebody signs out without being signed in', '/mcp/oauth/sign-out', 200],
    ['somebody looks who has no tool yet', '/mcp', 200],
  ])('is Korean where %s', async (_where, path, status) => {
    const page = await browser.open(path);
    isKorean(page, status);
  });
});

describe('a Korean page of a password, an invitation, a factor or a place elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'korean-'));
  const { clock, pass } = createTestClock();
  let home: Home;
  beforeAll(async () => {
    const client = { client_id: 'x', client_secret: 'y' };
    const place = { id: 'company', issuer: 'http://localhost:9', client, requiredFor: ['globex'], button: 'Acme' };
    using policy = changedPolicy({ identityProviders: [place], signIn: { passwords: true } });
    const env = { ...policy.env, DATABASE: join(folder, 'auth.db') };
    home = await startHome({ env, parts: { clock } });
  });
  afterAll(async () => {
    await home?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const comes = () => createPlainBrowser(home.server.origin, korean);
  async function signsIn(path: string) {
    const email = await home.joins();
    const fresh = comes();
    const page = isKorean(await fresh.open(`${base}/account${path}`));
    return { fresh, email, page: await fresh.submit(page, '/sign-in', { email, password: oldPassword }) };
  }
  const isKoreanMail = ({ text }: ReceivedMail) => {
    expect(englishIn({ html: `<title>${text.replaceAll(/https?:\S+/g, ' ')}` })).toEqual([]);
    expect(text).toMatch(/\p{Script=Hangul}/u);
  };

  it('is Korean where a password is forgotten and chosen, and so are the mails', async () => {
    const email = await home.joins();
    const fresh = comes();
    const form = isKorean(await fresh.open(`${base}/password/forgotten`));
    isKorean(await fresh.submit(form, '/forgotten', { email: 'nobody' }), 422);
    isKorean(await fresh.submit(form, '/forgotten', { email }));
    const mail = await home.mailbox.newest(email);
    isKoreanMail(mail);
    const { page, chooses } = await home.follows(mail.link, fresh);
    isKorean(page);
    for (const password of ['short', 'x'.repeat(1025), 'iloveyou2'])
      isKorean(await chooses({ password, repeated: password }), 422);
    isKorean(await chooses({ repeated: 'another one' }), 422);
    isKorean(await chooses());
    isKoreanMail(await home.mailbox.newest(email, 2));
    isKorean(await fresh.open(mail.link), 410);
    for (let times = 0; times < 2; times += 1) await home.forgets(email);
    isKorean(await home.forgets(email, fresh), 429);
  });

  it('is Korean where a password is changed, and where somebody has to sign in again', async () => {
    const { fresh, page } = await signsIn('/password');
    isKorean(page);
    isKorean(
      await fresh.submit(page, '/password', { current: 'wrong', password: newPassword, repeated: newPassword }),
      422,
    );
    pass(16 * 60);
    isKorean(await fresh.open(`${base}/account/sign-out/everywhere`));
  });

  it('is Korean where an invitation is accepted', async () => {
    const link = await inviteTo(home.server, { email: 'linus@example.com', clock });
    const { page, chooses } = await home.follows(link, comes());
    isKorean(page);
    isKorean(await chooses({ name: ' ' }), 422);
    isKorean(await chooses({ name: 'Linus' }));
    isKorean((await home.follows(link, comes())).page, 410);
  });

  it('is Korean where a second factor is set up, shown, renewed and removed', async () => {
    const { fresh, email, page } = await signsIn('/security/app');
    isKorean(page);
    const secret = (/class="secret"><bdi>([^<]*)</.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
    const code = () => new TOTP({ secret }).generate({ timestamp: clock.now() });
    isKorean(await fresh.submit(page, '/security/app', { code: '000000' }), 422);
    isKorean(await fresh.submit(page, '/security/app', { code: code(), name: 'Laptop' }));
    const list = isKorean(await fresh.open(`${base}/account/security`));
    for (const path of ['new-passkey', 'recovery-codes'])
      isKorean(await fresh.open(`${base}/account/security/${path}`));
    isKorean(await fresh.open(/href="([^"]*\/remove)"/.exec(list.html)?.[1] ?? ''));

    pass(60);
    const other = comes();
    const asked = await other.submit(await other.open(`${base}/account`), '/sign-in', { email, password: oldPassword });
    isKorean(await other.submit(isKorean(asked), '/factor', { code: '000000' }), 422);
    const recovery = isKorean(await other.open(`${base}/account/sign-in?use=recovery`));
    isKorean(await other.submit(recovery, '/factor', { code: 'wrong' }), 422);
    isKorean(await other.open(`${base}/account/sign-in?use=passkey-alone`));
  });

  it('is Korean where people sign in elsewhere, or cannot', async () => {
    const fresh = comes();
    const client = await registerClient(home.server.issuer, { client_name: 'Claude Code' });
    const page = isKorean(await fresh.open(client.authorizationRequest().url.href));
    isKorean(await fresh.open(`${page.url.pathname}?with=company`), 503);
    isKorean(await fresh.open(`${base}/account/sign-in?with=company`), 503);
    const demo = { email: 'demo@example.com', password };
    const organizations = await fresh.submit(page, '/sign-in', demo);
    isKorean(await fresh.open(`${organizations.url.pathname}?organization=globex`));
  });
});
