import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { createPlainBrowser, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { connect } from '../support/connect.ts';
import { freePort } from '../support/redis.ts';
import { startServer } from '../support/server.ts';

const secret = 'a secret that only tests may know';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-auth-accounts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function accounts(words: string[], input = '', settings: Record<string, string> = {}) {
  const env = { ...childEnvironment, DATABASE: join(folder, 'auth.db'), STORE_SECRET: secret, ...settings };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', ...words], {
    env,
  });
  child.stdin.end(input);
  const [said, complained, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  return { said, complained, code };
}

async function signsIn(browser: PlainBrowser, email: string, password: string) {
  const page = await browser.open('/mcp/oauth/account/sign-in');
  return browser.submit(page, '/sign-in', { email, password });
}

describe('npm run accounts', () => {
  it('makes an organization and an account that can connect a tool', async () => {
    expect((await accounts(['organization', 'analytical', 'Analytical Engines'])).said).toMatch(
      /^organization analytical created/,
    );
    expect(
      (await accounts(['add', 'ada@example.com', 'Ada', 'analytical:owner'], 'correct horse battery\n')).code,
    ).toBe(0);

    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    const actions = { email: 'ada@example.com', password: 'correct horse battery' };
    const { claims, client, refreshToken } = await connect(server, { actions });
    expect(claims).toMatchObject({ org_slug: 'analytical', org_role: 'owner' });

    await accounts(['member', 'ada@example.com', 'analytical', 'viewer']);
    const answer = await client.refresh(refreshToken);
    expect(answer.body.scope).not.toContain('project:create');

    await accounts(['leave', 'ada@example.com', 'analytical']);
    expect((await client.refresh(String(answer.body.refresh_token))).body.error).toBe('invalid_grant');
    expect(await accounts(['leave', 'ada@example.com', 'analytical'])).toMatchObject({
      code: 1,
      complained: 'ada@example.com is no member of analytical.\n',
    });
  });

  it('removes what somebody has lost beside the password, with a line in the log', async () => {
    await accounts(['organization', 'lost', 'Lost']);
    await accounts(['add', 'lost@example.com', 'Lost', 'lost:owner'], 'correct horse battery\n');
    expect(await accounts(['reset-factors', 'lost@example.com'])).toMatchObject({
      code: 1,
      complained: 'lost@example.com has no second factor.\n',
    });
    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    const browser = createPlainBrowser(server.origin);
    const inside = () => signsIn(browser, 'lost@example.com', 'correct horse battery');
    await inside();
    const setUp = await browser.open('/mcp/oauth/account/security/app');
    const key = (/class="secret"><bdi>([^<]*)</.exec(setUp.html)?.[1] ?? '').replaceAll(' ', '');
    await browser.submit(setUp, '/security/app', { code: new TOTP({ secret: key }).generate() });
    expect((await inside()).html).toContain('one-time-code');

    const { said } = await accounts(['reset-factors', 'lost@example.com']);
    expect(said).toContain('"event":"factor.reset"');
    expect(said).toMatch(/lost@example\.com signs in with the password alone; 1 removed$/m);
    expect((await inside()).html).toContain('Your connections');
  });

  it('changes a password and disables an account', async () => {
    await accounts(['organization', 'bobs', 'Bobs']);
    await accounts(['add', 'bob@example.com', 'Bob', 'bobs:member'], 'the first password');
    expect((await accounts(['password', 'bob@example.com'], 'the second password')).code).toBe(0);
    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    await expect(
      connect(server, { actions: { email: 'bob@example.com', password: 'the first password' } }),
    ).rejects.toThrow('422');
    await connect(server, { actions: { email: 'bob@example.com', password: 'the second password' } });

    await accounts(['disable', 'bob@example.com']);
    await expect(
      connect(server, { actions: { email: 'bob@example.com', password: 'the second password' } }),
    ).rejects.toThrow('422');
    await accounts(['enable', 'bob@example.com']);
    await connect(server, { actions: { email: 'bob@example.com', password: 'the second password' } });
  });

  it('ends one connection, or forgets a client and what people approved for it', async () => {
    await accounts(['organization', 'carols', 'Carols']);
    await accounts(['add', 'carl@example.com', 'Carl', 'carols:owner'], 'a long enough password');
    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    const actions = { email: 'carl@example.com', password: 'a long enough password' };
    const { client, refreshToken } = await connect(server, { actions });
    const other = await connect(server, { actions });

    const disconnect = ['disconnect', String(other.claims.grant_id)];
    expect((await accounts(disconnect)).said).toBe(`${other.claims.grant_id} is disconnected\n`);
    expect((await other.client.refresh(other.refreshToken)).body.error).toBe('invalid_grant');
    expect(await accounts(disconnect)).toMatchObject({
      code: 1,
      complained: `There is no connection ${other.claims.grant_id}.\n`,
    });
    expect((await accounts(['forget', client.clientId])).said).toBe(`${client.clientId} is forgotten\n`);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_client');
    expect(await accounts(['forget', client.clientId])).toMatchObject({
      code: 1,
      complained: `There is no client ${client.clientId}.\n`,
    });
  });

  it('names the setting of a store that is not there', async () => {
    const { code, complained } = await accounts(['organization', 'x', 'X'], '', { DATABASE: folder });
    expect({ code, complained }).toEqual({ code: 1, complained: expect.stringMatching(/\n {2}DATABASE {2}.+\n$/) });
    const away = await accounts(['organization', 'x', 'X'], '', { REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(away.complained).toMatch(/^This server cannot start.+\n {2}REDIS_URL {2}.+ECONNREFUSED.+\n$/);
  });

  it.each(['organization', 'add', 'member', 'leave', 'disable', 'enable', 'password'])(
    'says of %s that accounts are in the console, where one has them',
    async (name) => {
      const CONFIG_FILE = 'examples/console/auth.json';
      const words = [name, 'ada@example.com', 'acme', 'owner'];
      expect(await accounts(words, 'a long enough password', { CONFIG_FILE })).toEqual({
        code: 1,
        said: '',
        complained: expect.stringMatching(/^Accounts and organizations are in the console at http\S+ \(.+\): .+\.\n$/),
      });
    },
  );

  it('ends connections and forgets clients also where a console has the accounts', async () => {
    const settings = { CONFIG_FILE: 'examples/console/auth.json' };
    for (const [name, what] of [
      ['disconnect', 'connection'],
      ['forget', 'client'],
    ]) {
      const { complained } = await accounts([String(name), 'nothing'], '', settings);
      expect(complained).toBe(`There is no ${what} nothing.\n`);
    }
  });

  it('creates nobody twice', async () => {
    const add = ['add', 'carol@example.com', 'Carol'];
    expect((await accounts(add, 'a long enough password')).code).toBe(0);
    expect(await accounts(add, 'another password')).toMatchObject({
      code: 1,
      complained: 'An account with this email exists.\n',
    });
  });

  it.each([
    ['an unknown command', ['destroy'], /^usage: /],
    ['a missing word', ['organization', 'lonely'], /^usage: /],
    ['an unknown account', ['disable', 'nobody@example.com'], /^There is no account nobody@example\.com\.\n$/],
    [
      'an unknown organization',
      ['add', 'eve@example.com', 'Eve', 'nowhere:owner'],
      /^There is no organization nowhere\.\n$/,
    ],
    [
      'an unknown role',
      ['add', 'eve@example.com', 'Eve', 'nowhere:queen'],
      /^There is no role queen; there are owner, admin, member, viewer\.\n$/,
    ],
  ])('says in one sentence what is wrong with %s, and changes nothing', async (_name, words, sentence) => {
    const { code, complained } = await accounts(words, 'a long enough password');
    expect({ code, complained }).toEqual({ code: 1, complained: expect.stringMatching(sentence) });
  });
});
