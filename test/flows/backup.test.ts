import { execFileSync, spawn } from 'node:child_process';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { childEnvironment } from '../support/child-environment.ts';
import { connect } from '../support/connect.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { relyingParty } from '../support/relying-party.ts';

const secret = 'a secret that only tests may know';

async function backsUp(words: string[], settings: Record<string, string>) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'backup', ...words],
    { env: { ...childEnvironment, STORE_SECRET: secret, ...settings } },
  );
  const [said, complained, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  return { said, complained, code };
}

function pipeIn(folder: string): string {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

describe('a backup of the embedded store', () => {
  it('is taken while the server works, is one file for its owner, and a server on it renews its connections', async () => {
    await using folder = await temporaryFolder();
    const port = String(await freePort());
    const env = { PORT: port, STORE_SECRET: secret, DATABASE: join(folder.path, 'auth.db') };
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
    const to = join(folder.path, 'copy.db');
    const { said, complained, code } = await backsUp([to], env);
    const during = renewals;
    isWorking = false;
    await Promise.all(working);
    expect({ code, complained }).toEqual({ code: 0, complained: '' });
    expect(during).toBeGreaterThan(0);
    const { size, mode } = await stat(to);
    expect(said).toMatch(
      new RegExp(`^${to} is a copy of ${env.DATABASE}: [\\d,]+ records, ${size.toLocaleString('en-GB')} bytes`),
    );
    expect(said).toContain('STORE_SECRET');
    expect(said).not.toContain(secret);
    expect((mode & 0o777).toString(8)).toBe('600');
    expect((await readdir(folder.path)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);

    // As the documentation says: the server stops, its files go, the copy takes their place.
    server.signal('SIGKILL');
    await server.exit;
    for (const ending of ['', '-wal', '-shm']) await rm(`${env.DATABASE}${ending}`, { force: true });
    await rename(to, env.DATABASE);
    const restored = startProcess(folder.path, env);
    await restored.logged('start');
    for (const [n, { client }] of all.entries()) {
      const there = relyingParty(at.issuer, client.registration);
      expect((await there.refresh(held[n] ?? '')).status).toBe(200);
    }
    restored.signal('SIGKILL');
    await restored.exit;
  });

  it('waits for nobody, and is whole, while another process writes', async () => {
    await using folder = await temporaryFolder();
    const env = { DATABASE: join(folder.path, 'auth.db') };
    const database = new DatabaseSync(env.DATABASE);
    database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
      INSERT INTO records VALUES ('a', '{}'); BEGIN IMMEDIATE; INSERT INTO records VALUES ('b', '{}')`);
    const { code, said } = await backsUp([join(folder.path, 'copy.db')], env);
    expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(': 1 records,') });
    database.exec('COMMIT');
    database.close();
  });

  it('never overwrites: what is there stays as it is', async () => {
    await using folder = await temporaryFolder();
    const env = { DATABASE: join(folder.path, 'auth.db') };
    new DatabaseSync(env.DATABASE).exec('CREATE TABLE records (key TEXT)');
    const to = join(folder.path, 'copy.db');
    await writeFile(to, 'of yesterday');
    expect(await backsUp([to], env)).toEqual({
      code: 1,
      said: '',
      complained: `${to} exists already; name a file that does not.\n`,
    });
    expect(await readFile(to, 'utf8')).toBe('of yesterday');
    expect(await backsUp([env.DATABASE], env)).toMatchObject({
      code: 1,
      complained: expect.stringContaining('exists'),
    });
  });

  it.each<[string, (folder: string) => { to?: string; env?: Record<string, string> }, RegExp]>([
    ['no database', () => ({}), /^There is no database .+auth\.db to back up\.\n$/],
    // Opening one would wait for ever for somebody at its other end.
    ['a pipe', (folder) => ({ env: { DATABASE: pipeIn(folder) } }), /^There is no database .+pipe to back up\.\n$/],
    ['no word', () => ({ to: '' }), /^usage: .+\n {2}backup <file>/s],
    [
      'a place that is not there',
      (folder) => ({ to: join(folder, 'none', 'copy.db'), env: { DATABASE: join(folder, 'other.db') } }),
      /cannot be written: ENOENT.+\n$/,
    ],
    [
      'a place below a file',
      (folder) => ({ to: join(folder, 'other.db', 'copy.db'), env: { DATABASE: join(folder, 'other.db') } }),
      /cannot be written: ENOTDIR.+\n$/,
    ],
    [
      'what is no database',
      (folder) => ({ env: { DATABASE: join(folder, 'other.db') } }),
      /^.+ cannot be backed up to .+: file is not a database\n$/,
    ],
    ['a store in memory', () => ({ env: { DATABASE: ':memory:' } }), /^The store is kept in memory \(DATABASE\)/],
    [
      'Redis, whether or not it is there',
      () => ({ env: { REDIS_URL: 'redis://127.0.0.1:1' } }),
      /^The store is a Redis, .+BGSAVE.+\n.+STORE_SECRET/,
    ],
  ])('is refused for %s, in a sentence, and nothing is left', async (_name, asked, sentence) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'other.db'), 'no database, but long enough to have a header '.repeat(10));
    const { to = join(folder.path, 'copy.db'), env = {} } = asked(folder.path);
    const { code, said, complained } = await backsUp(to ? [to] : [], {
      DATABASE: join(folder.path, 'auth.db'),
      ...env,
    });
    expect({ code, said, complained }).toEqual({ code: 1, said: '', complained: expect.stringMatching(sentence) });
    expect(complained).not.toContain('    at ');
    expect((await readdir(folder.path)).filter((name) => name !== 'pipe')).toEqual(['other.db']);
  });
});
