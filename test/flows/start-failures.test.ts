import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';

/** What an operator reads who starts it so, and nothing else; each line is a pattern. */
async function expectRefusal(env: (folder: string) => Record<string, string>, ...lines: string[]) {
  await using folder = await temporaryFolder();
  const server = startProcess(folder.path, { PORT: '0', LOG_LEVEL: 'error', ...env(folder.path) });
  expect(await server.exit).toBe(1);
  expect(server.output.stderr).toMatch(new RegExp(`^${lines.map((line) => `${line}\\n`).join('')}$`));
  expect(server.output.stdout).toBe('');
}

const one = 'This server cannot start: 1 setting needs attention\\.';

describe('a process that cannot start', () => {
  it('names the signing keys in the same list as all the others', () =>
    expectRefusal(
      () => ({ ISSUER: 'foo', COOKIE_KEYS: 'abc', SIGNING_KEYS_FILE: '/nope' }),
      'This server cannot start: 3 settings need attention\\.',
      ' {2}ISSUER {13}.+',
      ' {2}COOKIE_KEYS {8}.+',
      ' {2}SIGNING_KEYS_FILE {2}names a file that cannot be read: /nope',
    ));

  // All at once: most of the time is the start of each, and the five seconds for which a lock is waited for.
  it('says of the database what is in its place', async () => {
    await using servers = await temporaryFolder();
    const socket = createServer().listen(join(servers.path, 'socket'));
    const lock = new DatabaseSync(join(servers.path, 'locked.db'));
    lock.exec('CREATE TABLE held (x); BEGIN EXCLUSIVE');
    writeFileSync(join(servers.path, 'notes.txt'), 'These are notes, and more than a few bytes.\n'.repeat(100));
    mkdirSync(join(servers.path, 'place'));
    execFileSync('mkfifo', [join(servers.path, 'pipe')]);
    const special = 'it is a device, a pipe or a socket, and no file';
    const places = [
      ['notes.txt', 'it is not a database of SQLite'],
      ['place', 'it is a folder'],
      ['pipe', special],
      ['socket', special],
      ['/dev/full', special],
      ['notes.txt/auth.db', '.+/notes\\.txt is no folder'],
      ['notes.txt/place/auth.db', '.+/notes\\.txt is no folder'],
      // Here nobody, not even root, makes a folder or a file.
      ['/proc/place/auth.db', 'ENOENT.+'],
      ['/proc/place/below/auth.db', 'ENOENT.+'],
      ['/sys/auth.db', 'EACCES.+|EPERM.+|EROFS.+'],
      ['locked.db', 'another process keeps it locked'],
    ] as const;
    await Promise.all(
      places.map(([name, reason]) => {
        const DATABASE = resolve(servers.path, name);
        const sentence = `names a file that cannot be opened: ${DATABASE.replaceAll('.', '\\.')} \\((${reason})\\)`;
        return expectRefusal(() => ({ DATABASE }), one, ` {2}DATABASE {2}${sentence}`);
      }),
    );
    lock.close();
    socket.close();
  });

  it('says that the file .env is a folder', async () => {
    const aFolder = (folder: string) => {
      mkdirSync(join(folder, '.env'));
      return {};
    };
    await expectRefusal(aFolder, one, ' {2}\\.env {2}is not a file that can be read');
  });

  it.each([
    ['192.0.2.1', 'EADDRNOTAVAIL, this machine \\(HOST\\) has no 192\\.0\\.2\\.1'],
    ['nowhere.invalid', '(ENOTFOUND|EAI_AGAIN), HOST names no machine[^\\n]*: nowhere\\.invalid'],
  ])('says of HOST=%s that nobody can listen there', (HOST, sentence) =>
    expectRefusal(() => ({ HOST }), `This server cannot start: ${sentence}[^\\n]*`),
  );

  it('names the setting of the Redis that does not answer', async () => {
    const port = await freePort();
    const unusable = ' {2}names a store that cannot be used:';
    const refused = ` {2}REDIS_URL${unusable} connect ECONNREFUSED 127\\.0\\.0\\.1:${port}`;
    await expectRefusal(() => ({ REDIS_URL: `redis://:hush@127.0.0.1:${port}` }), one, refused);
    const nodes = { REDIS_CLUSTER_NODES: `127.0.0.1:${port}` };
    await expectRefusal(() => nodes, one, ` {2}REDIS_CLUSTER_NODES${unusable} .+`);
  });
});

/** What `process.versions` says of an older one is all that either looks at. */
describe('an old Node', () => {
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "20.20.2" })';

  it.each(['src/main.ts', 'src/cli/main.ts'])('is told in one sentence by %s, before what it cannot load', (file) => {
    const early = `data:text/javascript,${encodeURIComponent(pretend)}`;
    const { stderr } = spawnSync(process.execPath, ['--import', early, '--disable-warning=ExperimentalWarning', file], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('This server needs Node.js 24.7 or newer; this is 20.20.2.\n');
  });
});
