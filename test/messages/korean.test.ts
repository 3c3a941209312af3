import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPlainBrowser, type PlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { password } from '../support/visitor.ts';

/** Of tools, people, organizations, formats; and what a tool's own menu says stands in quotation marks. */
const names =
  /Claude Code|Claude|Cursor|VS Code|ChatGPT|Codex|mcp-remote|MCP|OAuth|AI|URL|bkend|Demo Person|New Person|Acme Corp|Acme|Globex|English|Authenticate|Mac|Chrome|QR/g;

/** English words that somebody reads, or hears: titles and labels as well. */
function englishIn({ html }: Pick<Rest, 'html'>): string[] {
  const heard = [...html.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]*)"/g)].map(([, words = '']) => words);
  const read = html
    .replace(/[\s\S]*?<title>/, '')
    .replaceAll(/<(code|svg)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<([a-z]+)[^>]* lang="en"[^>]*>[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ');
  const words = [read, ...heard].join(' ').replaceAll(/“[^”]*”|“[^”]*&#34;|&#?\w+;/g, ' ');
  const addresses =
    /[\w.+-]+@[\w.-]+|(?:https?:\/\/|\/)[\w:./-]+|[\w.-]+\.(?:example|com|ai|invalid)\b|(?:\d+\.)+\d+(?::\d+)?|\[?::1\]?/g;
  return (
    words
      .replaceAll(addresses, ' ')
      .replaceAll(names, ' ')
      .match(/[A-Za-z]{2,}/g) ?? []
  );
}

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
