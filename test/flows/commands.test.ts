import { execFileSync } from 'node:child_process';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { complaint, runCommand } from '../support/command.ts';
import { connect } from '../support/connect.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const folder = shared(temporaryFolder);
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

const secret = 'a secret that only tests may know';

/** A folder with a database, which need not be there, and what it is copied to. */
async function aFolder() {
  const folder = await temporaryFolder();
  const [database, to] = [join(folder.path, 'auth.db'), join(folder.path, 'copy.db')];
  const backsUp = (words = [to], env: Record<string, string> = {}) =>
    runCommand(['backup', ...words], { env: { DATABASE: database, ...env } });
  return { ...folder, database, to, backsUp };
}

function pipeIn(folder: string): string {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

describe('a backup of the embedded store', () => {
  it('is taken while the server works, is one file for its owner, and a server on it renews its connections', async () => {
    await using folder = await aFolder();
    const { database, to } = folder;
    const port = String(await freePort());
    const env = { PORT: port, STORE_SECRET: secret, DATABASE: database };
    const at = { origin: `http://localhost:${port}`, issuer: `http://localhost:${port}/mcp` };
    const server = startProcess(folder.path, env);
    await server.logged('start');
    const all = [await connect(at), await connect(at), await connect(at)];

    // Its connections are renewed without a pause; each tool keeps what it was told last.
    const held = all.map(({ refreshToken }) => refreshToken);
    let isWorking = true;
    let renewals = 0;
    const working = all.map(async ({ client }, n) => {
      while (isWorking) {
        const { status, body } = await client.refresh(held[n] ?? '');
        expect(status).toBe(200);
        held[n] = String(body.refresh_token);
        renewals += 1;
      }
    });
    const { said, complained, code } = await folder.backsUp();
    const during = renewals;
    isWorking = false;
    await Promise.all(working);
    expect({ code, complained }).toEqual({ code: 0, complained: '' });
    expect(during).toBeGreaterThan(0);
    const { size, mode } = await stat(to);
    const bytes = size.toLocaleString('en-GB');
    expect(said).toMatch(new RegExp(`^${to} is a copy of ${database}: [\\d,]+ records, ${bytes} bytes`));
    expect(said).toContain('STORE_SECRET');
    expect(said).not.toContain(secret);
    expect((mode & 0o777).toString(8)).toBe('600');
    expect((await readdir(folder.path)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);

    // As the documentation says: the server stops, its files go, the copy takes their place.
    server.signal('SIGKILL');
    await server.exit;
    for (const ending of ['', '-wal', '-shm']) await rm(`${database}${ending}`, { force: true });
    await rename(to, database);
    const restored = startProcess(folder.path, env);
    await restored.logged('start');
    for (const [n, { client }] of all.entries()) expect((await client.refresh(held[n] ?? '')).status).toBe(200);
    restored.signal('SIGKILL');
    await restored.exit;
  });

  it('waits for nobody, and is whole, while another process writes', async () => {
    await using folder = await aFolder();
    const database = new DatabaseSync(folder.database);
    database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      INSERT INTO records VALUES ('a', '{}'); BEGIN IMMEDIATE; INSERT INTO records VALUES ('b', '{}')`);
    expect(await folder.backsUp()).toMatchObject({ code: 0, said: expect.stringContaining(': 1 records,') });
    database.exec('COMMIT');
    database.close();
  });

  it('never overwrites: what is there stays as it is', async () => {
    await using folder = await aFolder();
    const { database, to } = folder;
    new DatabaseSync(database).exec('CREATE TABLE records (key TEXT)');
    await writeFile(to, 'of yesterday');
    expect(await folder.backsUp()).toEqual(complaint(`${to} exists already; name a file that does not.\n`));
    expect(await readFile(to, 'utf8')).toBe('of yesterday');
    expect(await folder.backsUp([database])).toEqual(complaint(expect.stringContaining('exists')));
  });

  const other = (folder: string) => ({ DATABASE: join(folder, 'other.db') });
  it.each<[string, RegExp, (folder: string) => { to?: string; env?: Record<string, string> }]>([
    ['no database', /^There is no database .+auth\.db to back up\.\n$/, () => ({})],
    // Opening one would wait for ever for somebody at its other end.
    ['a pipe', /^There is no database .+pipe to back up\.\n$/, (folder) => ({ env: { DATABASE: pipeIn(folder) } })],
    ['no word', /^usage: .+\n {2}backup <file>/s, () => ({ to: '' })],
    [
      'a place that is not there',
      /cannot be written: ENOENT.+\n$/,
      (folder) => ({ to: join(folder, 'none', 'copy.db'), env: other(folder) }),
    ],
    [
      'a place below a file',
      /cannot be written: ENOTDIR.+\n$/,
      (folder) => ({ to: join(folder, 'other.db', 'copy.db'), env: other(folder) }),
    ],
    [
      'what is no database',
      /^.+ cannot be backed up to .+: file is not a database\n$/,
      (folder) => ({ env: other(folder) }),
    ],
    ['a store in memory', /^The store is kept in memory \(DATABASE\)/, () => ({ env: { DATABASE: ':memory:' } })],
    [
      'Redis, whether or not it is there',
      /^The store is a Redis, .+BGSAVE.+\n.+STORE_SECRET/,
      () => ({ env: { REDIS_URL: 'redis://127.0.0.1:1' } }),
    ],
  ])('is refused for %s, in a sentence, and nothing is left', async (_name, sentence, asked) => {
    await using folder = await aFolder();
    await writeFile(join(folder.path, 'other.db'), 'no database, but long enough to have a header '.repeat(10));
    const { to = folder.to, env } = asked(folder.path);
    const answer = await folder.backsUp(to ? [to] : [], env);
    expect(answer).toEqual(complaint(expect.stringMatching(sentence)));
    expect(answer.complained).not.toContain('    at ');
    expect((await readdir(folder.path)).filter((name) => name !== 'pipe')).toEqual(['other.db']);
  });
});
