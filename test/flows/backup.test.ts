import { execFileSync } from 'node:child_process';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { complaint, runCommand } from '../support/command.ts';
import { connect } from '../support/connect.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';

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
