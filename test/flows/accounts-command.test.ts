import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

/** Which of these words are still in the records of the store, or in their names. */
function kept(...words: string[]): string[] {
  const database = new DatabaseSync(join(folder, 'auth.db'), { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const all = tables.map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM "${name}"`).all())).join('\n');
  database.close();
  return words.filter((word) => all.includes(word));
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
    const deeds = { email: 'ada@example.com', password: 'correct horse battery' };
    const { claims, client, refreshToken } = await connect(server, { deeds });
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

  it('changes a password and disables an account', async () => {
    await accounts(['organization', 'bobs', 'Bobs']);
    await accounts(['add', 'bob@example.com', 'Bob', 'bobs:member'], 'the first password');
    expect((await accounts(['password', 'bob@example.com'], 'the second password')).code).toBe(0);
    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    await expect(
      connect(server, { deeds: { email: 'bob@example.com', password: 'the first password' } }),
    ).rejects.toThrow('422');
    await connect(server, { deeds: { email: 'bob@example.com', password: 'the second password' } });

    await accounts(['disable', 'bob@example.com']);
    await expect(
      connect(server, { deeds: { email: 'bob@example.com', password: 'the second password' } }),
    ).rejects.toThrow('422');
    await accounts(['enable', 'bob@example.com']);
    await connect(server, { deeds: { email: 'bob@example.com', password: 'the second password' } });
  });

  it('ends one connection, or forgets a client and what people approved for it', async () => {
    await accounts(['organization', 'carols', 'Carols']);
    await accounts(['add', 'carl@example.com', 'Carl', 'carols:owner'], 'a long enough password');
    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    const deeds = { email: 'carl@example.com', password: 'a long enough password' };
    const { client, refreshToken } = await connect(server, { deeds });
    const other = await connect(server, { deeds });

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

  it('renames, exports and deletes a person for good, and keeps only the deed, by its id (R122)', async () => {
    await accounts(['organization', 'dotties', 'Dotties']);
    await accounts(['add', 'dot@example.com', 'Dot Secretname', 'dotties:owner'], 'a long enough password');
    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    const deeds = { email: 'dot@example.com', password: 'a long enough password' };
    const { client, claims, refreshToken, accessToken } = await connect(server, { deeds });

    expect((await accounts(['rename', 'dot@example.com', 'Dorothy Secretname'])).code).toBe(0);
    const { said } = await accounts(['export', 'dot@example.com']);
    const exported = JSON.parse(said);
    expect(exported).toEqual({
      account: {
        ...{ id: claims.sub, email: 'dot@example.com', name: 'Dorothy Secretname', disabled: false, hasPassword: true },
        memberships: [{ organization: { id: claims.org_id, slug: 'dotties', name: 'Dotties' }, role: 'owner' }],
        signsInAt: [],
      },
      connections: [expect.objectContaining({ id: claims.grant_id, accountId: claims.sub, address: '127.0.0.1' })],
    });
    expect(said).not.toMatch(/argon2|"lines"|"mark"/);

    expect(await accounts(['delete', 'dot@example.com'])).toMatchObject({
      code: 1,
      complained: `This would delete ${claims.sub} for good, and end a connection. Add --yes if that is meant.\n`,
    });
    expect((await client.post('introspect', { token: accessToken })).body).toMatchObject({ active: true });
    expect((await accounts(['delete', 'dot@example.com', '--yes'])).said).toBe(`account ${claims.sub} is deleted\n`);

    expect((await client.post('introspect', { token: accessToken })).body).toEqual({ active: false });
    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
    await expect(connect(server, { deeds })).rejects.toThrow('422');
    expect(
      kept('dot@example.com', 'Secretname', `account:{${claims.sub}}`, `last-organization:{${claims.sub}}`),
    ).toEqual([]);
    const log = JSON.stringify(server.logLines);
    expect([log.includes(String(claims.sub)), log.includes('Secretname'), log.includes('dot@')]).toEqual([
      ...[true, false, false],
    ]);
    expect((await accounts(['delete', 'dot@example.com', '--yes'])).complained).toBe(
      'There is no account dot@example.com.\n',
    );
    expect((await accounts(['add', 'dot@example.com', 'Another', 'dotties:viewer'], 'another password')).code).toBe(0);
    const next = await connect(server, { deeds: { ...deeds, password: 'another password' } });
    expect(next.claims.sub).not.toBe(claims.sub);
  });

  it('renames, exports and deletes an organization, whose members stay (R122)', async () => {
    for (const slug of ['leaving', 'staying']) await accounts(['organization', slug, `Called ${slug}`]);
    await accounts(['add', 'eva@example.com', 'Eva', 'leaving:owner', 'staying:member'], 'a long enough password');
    await using server = await startServer({ env: { DATABASE: join(folder, 'auth.db'), DEMO: '0' } });
    const deeds = { email: 'eva@example.com', password: 'a long enough password' };
    const left = await connect(server, { deeds: { ...deeds, organization: 'leaving' } });
    const other = await connect(server, { deeds: { ...deeds, organization: 'staying' } });

    expect((await accounts(['rename-organization', 'leaving', 'Another name'])).code).toBe(0);
    const { org_id: id, sub } = left.claims;
    expect(JSON.parse((await accounts(['export-organization', 'leaving'])).said)).toEqual({
      organization: { id, slug: 'leaving', name: 'Another name' },
      members: [{ id: sub, email: 'eva@example.com', name: 'Eva', role: 'owner' }],
      connections: [expect.objectContaining({ id: left.claims.grant_id, organizationId: id })],
    });

    expect((await accounts(['delete-organization', 'leaving'])).complained).toContain('and end a connection');
    expect((await accounts(['delete-organization', 'leaving', '--yes'])).said).toBe(`organization ${id} is deleted\n`);
    expect((await left.client.refresh(left.refreshToken)).body.error).toBe('invalid_grant');
    expect((await left.client.post('introspect', { token: left.accessToken })).body).toEqual({ active: false });
    expect((await other.client.refresh(other.refreshToken)).status).toBe(200);
    expect(kept('Another name', `organization:{${id}}`, 'organization-slug:{leaving}')).toEqual([]);

    expect((await accounts(['organization', 'leaving', 'Somebody else'])).code).toBe(0);
    expect(JSON.parse((await accounts(['export-organization', 'leaving'])).said).members).toEqual([]);
  });

  it('names the setting of a store that is not there', async () => {
    const { code, complained } = await accounts(['organization', 'x', 'X'], '', { DATABASE: folder });
    expect({ code, complained }).toEqual({ code: 1, complained: expect.stringMatching(/\n {2}DATABASE {2}.+\n$/) });
    const away = await accounts(['organization', 'x', 'X'], '', { REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(away.complained).toMatch(/^This server cannot start.+\n {2}REDIS_URL {2}.+ECONNREFUSED.+\n$/);
  });

  const about = [
    'organization',
    'add',
    'member',
    'leave',
    'disable',
    'enable',
    'password',
    'rename',
    'export',
    'delete',
  ];
  const aboutOrganizations = ['rename-organization', 'export-organization', 'delete-organization'];
  it.each([...about, ...aboutOrganizations])(
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
