import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { complaint, runCommand } from '../support/command.ts';
import { connect } from '../support/connect.ts';
import { freePort } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const folder = shared(
  () => ({ path: mkdtempSync(join(tmpdir(), 'mcp-auth-accounts-')) }),
  ({ path }) => rmSync(path, { recursive: true, force: true }),
);
const database = () => ({ DATABASE: join(folder.path, 'auth.db') });
const server = shared(() => startServer({ env: { ...database(), DEMO: '0' } }));
const password = 'correct horse battery';
const ofConsole = { CONFIG_FILE: 'examples/console/auth.json' };

const accounts = (words: readonly string[], input = '', settings: Record<string, string> = {}) =>
  runCommand(words, { input, env: { ...database(), ...settings } });
const run = (words: string, input?: string) => accounts(words.split(' '), input);
const connects = (email: string, given = password) => connect(server, { actions: { email, password: given } });

describe('npm run accounts', () => {
  it('makes an organization and an account that can connect a tool', async () => {
    const { said } = await accounts(['organization', 'analytical', 'Analytical Engines']);
    expect(said).toMatch(/^organization analytical created/);
    expect((await run('add ada@example.com Ada analytical:owner', `${password}\n`)).code).toBe(0);

    const { claims, client, refreshToken } = await connects('ada@example.com');
    expect(claims).toMatchObject({ org_slug: 'analytical', org_role: 'owner' });

    await run('member ada@example.com analytical viewer');
    const { body } = await client.refresh(refreshToken);
    expect(body.scope).not.toContain('project:create');

    const leave = 'leave ada@example.com analytical';
    await run(leave);
    expect((await client.refresh(String(body.refresh_token))).body.error).toBe('invalid_grant');
    expect(await run(leave)).toEqual(complaint('ada@example.com is no member of analytical.\n'));
  });

  it('removes what somebody has lost beside the password, with a line in the log', async () => {
    const reset = 'reset-factors lost@example.com';
    await run('organization lost Lost');
    await run('add lost@example.com Lost lost:owner', password);
    expect(await run(reset)).toEqual(complaint('lost@example.com has no second factor.\n'));
    const browser = createPlainBrowser(server.origin);
    const signsIn = async () => {
      const page = await browser.open('/mcp/oauth/account/sign-in');
      return (await browser.submit(page, '/sign-in', { email: 'lost@example.com', password })).html;
    };
    await signsIn();
    const setUp = await browser.open('/mcp/oauth/account/security/app');
    const key = (/class="secret"><bdi>([^<]*)</.exec(setUp.html)?.[1] ?? '').replaceAll(' ', '');
    await browser.submit(setUp, '/security/app', { code: new TOTP({ secret: key }).generate() });
    expect(await signsIn()).toContain('one-time-code');

    const { said } = await run(reset);
    expect(said).toContain('"event":"factor.reset"');
    expect(said).toMatch(/lost@example\.com signs in with the password alone; 1 removed$/m);
    expect(await signsIn()).toContain('Your connections');
  });

  it('changes a password and disables an account', async () => {
    await run('organization bobs Bobs');
    await run('add bob@example.com Bob bobs:member', 'the first password');
    expect((await run('password bob@example.com', password)).code).toBe(0);
    await expect(connects('bob@example.com', 'the first password')).rejects.toThrow('422');
    await connects('bob@example.com');

    await run('disable bob@example.com');
    await expect(connects('bob@example.com')).rejects.toThrow('422');
    await run('enable bob@example.com');
    await connects('bob@example.com');
  });

  it('ends one connection, or forgets a client and what people approved for it', async () => {
    await run('organization carols Carols');
    await run('add carl@example.com Carl carols:owner', password);
    const { client, refreshToken } = await connects('carl@example.com');
    const other = await connects('carl@example.com');

    const [connection, id] = [String(other.claims.grant_id), client.clientId];
    expect((await run(`disconnect ${connection}`)).said).toBe(`${connection} is disconnected\n`);
    expect((await other.client.refresh(other.refreshToken)).body.error).toBe('invalid_grant');
    expect(await run(`disconnect ${connection}`)).toEqual(complaint(`There is no connection ${connection}.\n`));
    expect((await run(`forget ${id}`)).said).toBe(`${id} is forgotten\n`);
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_client');
    expect(await run(`forget ${id}`)).toEqual(complaint(`There is no client ${id}.\n`));
  });

  it('names the setting of a store that is not there', async () => {
    const here = await accounts(['organization', 'x', 'X'], '', { DATABASE: folder.path });
    expect(here).toMatchObject({ code: 1, complained: expect.stringMatching(/\n {2}DATABASE {2}.+\n$/) });
    const away = await accounts(['organization', 'x', 'X'], '', { REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(away.complained).toMatch(/^This server cannot start.+\n {2}REDIS_URL {2}.+ECONNREFUSED.+\n$/);
  });

  it.each(['organization', 'add', 'member', 'leave', 'disable', 'enable', 'password'])(
    'says of %s that accounts are in the console, where one has them',
    async (name) => {
      const sentence = /^Accounts and organizations are in the console at http\S+ \(.+\): .+\.\n$/;
      const answer = await accounts([name, 'ada@example.com', 'acme', 'owner'], password, ofConsole);
      expect(answer).toEqual(complaint(expect.stringMatching(sentence)));
    },
  );

  it('ends connections and forgets clients also where a console has the accounts', async () => {
    const complained = async (name: string) => (await accounts([name, 'nothing'], '', ofConsole)).complained;
    expect(await complained('disconnect')).toBe('There is no connection nothing.\n');
    expect(await complained('forget')).toBe('There is no client nothing.\n');
  });

  it('creates nobody twice', async () => {
    expect((await run('add carol@example.com Carol', password)).code).toBe(0);
    const again = await run('add carol@example.com Carol', 'another password');
    expect(again).toEqual(complaint('An account with this email exists.\n'));
  });

  it.each([
    ['an unknown command', 'destroy', /^usage: /],
    ['a missing word', 'organization lonely', /^usage: /],
    ['an unknown account', 'disable nobody@example.com', /^There is no account nobody@example\.com\.\n$/],
    ['an unknown organization', 'add eve@example.com Eve nowhere:owner', /^There is no organization nowhere\.\n$/],
    [
      'an unknown role',
      'add eve@example.com Eve nowhere:queen',
      /^There is no role queen; there are owner, admin, member, viewer\.\n$/,
    ],
  ])('says in one sentence what is wrong with %s, and changes nothing', async (_name, words, sentence) => {
    const { code, complained } = await run(words, password);
    expect({ code, complained }).toEqual({ code: 1, complained: expect.stringMatching(sentence) });
  });
});
