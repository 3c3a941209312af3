import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDomain } from '../../src/composition/domain.ts';
import { loadConfig } from '../../src/config/index.ts';
import { seedDemonstration } from '../../src/directory/index.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { runCommand } from '../support/command.ts';
import { connect } from '../support/connect.ts';
import { startProcess, temporaryFolder } from '../support/process.ts';
import { startServer } from '../support/server.ts';
import { type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

/** Whoever has read our README tries its accounts on every server there is (of no chapter: our own mistake). */
const issuer = 'https://auth.example.com/mcp';
const secret = 'a secret that only tests may know';
const emails = ['demo@example.com', 'solo@example.com', 'new@example.com'];
const production = {
  NODE_ENV: 'production',
  PORT: '0',
  ISSUER: issuer,
  DEMO: '0',
  COOKIE_KEYS: 'a cookie key that only tests may know',
  STORE_SECRET: secret,
};

describe.each(Object.keys(testStores) as TestStoreKind[])('a store of development on %s', (kind) => {
  let kept: TestStore;
  beforeEach(async () => {
    kept = await testStores[kind]();
    const server = await startServer({ env: kept.env });
    await server.close();
  });
  afterEach(() => kept.close());

  const starts = () => startServer({ env: { ...kept.env, DEMO: '0' }, issuer });

  it('does not come to production: the process says who is in it, and what removes them', async () => {
    await using folder = await temporaryFolder();
    const before = await kept.records();

    const server = startProcess(folder.path, { ...production, ...kept.env });

    expect(await server.exit).toBe(1);
    for (const words of [...emails, 'remove-demonstration']) expect(server.output.stderr).toContain(words);
    expect(server.output.stderr).not.toMatch(/^\s+at /m);
    const valuesOf = (records: typeof before) =>
      records
        .filter(({ key }) => key.includes('account'))
        .map(({ value }) => value)
        .sort();
    expect(valuesOf(await kept.records())).toEqual(valuesOf(before));
  });

  it('does not serve an https issuer either', () => expect(starts()).rejects.toThrow(emails.join(', ')));

  it('serves when the command has removed them, with what they had connected', async () => {
    const development = await startServer({ env: kept.env });
    const { client, refreshToken } = await connect(development);

    expect(await runCommand(['remove-demonstration'], kept)).toMatchObject({
      code: 0,
      said: `${emails.join(', ')} are removed\n`,
    });

    expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
    await development.close();
    expect((await kept.records()).filter(({ key }) => /account(-email)?:/.test(key))).toEqual([]);
    await (await starts()).close();
    expect(await runCommand(['remove-demonstration'], kept)).toMatchObject({
      code: 1,
      complained: 'There is no account of the demonstration with its known password.\n',
    });
  });

  it('names those that are disabled, and not those whose password is another', async () => {
    const { localDirectory, storage } = await createDomain({ ...loadConfig({ ...kept.env, STORE_SECRET: secret }) });
    const idOf = async (email: string) => (await localDirectory.findAccountByEmail(email))?.id ?? '';
    await localDirectory.disableAccount(await idOf('demo@example.com'));
    await localDirectory.changePassword(await idOf('solo@example.com'), 'difference engine');
    await storage.store.close();

    await expect(starts()).rejects.toThrow(/^[^\n]*\n {2}demo@example\.com, new@example\.com\n/);

    await runCommand(['remove-demonstration'], kept);
    await using server = await starts();
    expect(await server.server.directory.signIn('solo@example.com', 'difference engine')).toBeDefined();
  });
});

describe('a server with an https issuer', () => {
  it('makes no demonstration accounts, whatever DEMO says', async () => {
    await using server = await startServer({ env: { DEMO: '1' }, issuer });
    expect(await server.server.directory.signIn('demo@example.com', 'demo-password')).toBeUndefined();
    expect(loadConfig({ ISSUER: issuer, DEMO: '1' }).demo).toBe(false);
  });

  it.each([
    ['as they are printed', 'demo@example.com', 'demo-password'],
    ['in another spelling', ' DEMO@example.com ', 'ｄｅｍｏ-password'],
  ])('signs nobody in with them, even if its directory would: %s', async (_name, email, password) => {
    const { localDirectory, storage } = await createDomain(loadConfig({ DATABASE: ':memory:' }));
    await seedDemonstration(localDirectory);
    await using server = await startServer({ issuer, parts: { directory: localDirectory } });
    const browser = createPlainBrowser(server.origin);
    const page = await browser.open('/mcp/oauth/account/sign-in');

    const answer = await browser.submit(page, '/sign-in', { email, password });

    expect(answer.status).toBe(422);
    expect(answer.html).toContain('The email or the password is wrong.');
    expect(server.logLines).toContainEqual(expect.objectContaining({ event: 'sign_in.refused' }));
    await storage.store.close();
  });
});

describe('a server of development', () => {
  it('has them, and starts again with them', async () => {
    await using kept = await testStores.SQLite();
    for (const _start of [1, 2]) {
      await using server = await startServer({ env: kept.env });
      await connect(server);
    }
  });
});
