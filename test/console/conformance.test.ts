import { describe, expect, it } from '@jest/globals';
import { checkConsole, checkDirectory, type Line, runCheckConsole } from '../../src/console/index.ts';
import { adasDirectory } from '../directory/a-directory.ts';
import { fresh } from '../support/shared.ts';
import { acme, aDirectoryServer, ada, aSigner, body, globex, status } from './a-directory-server.ts';
import { theExample } from './example.ts';

const failed = (lines: readonly Line[]) => lines.filter(({ ok }) => !ok).map(({ line }) => line);
const fixtures = { account: 'u_1', organization: 'o_7', otherOrganization: 'o_9' };

describe('the conformance suite', () => {
  const here = fresh(async () => {
    const example = await theExample();
    example.people.disable('u_3');
    return example;
  });

  const about = ['--account', 'u_1', '--organization', 'o_7', '--other-organization', 'o_9'];

  it('finds every line to hold for the example console', async () => {
    const { issuer, sign } = here.server;
    const lines = await checkConsole({
      ...{ url: here.directoryUrl, signIn: here.signIn, issuer, sign },
      fixtures: { ...fixtures, disabledAccount: 'u_3' },
    });
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect(new Set(lines.map(({ line }) => line)).size).toBe(26);
  });

  it('runs as a command, which says so', async () => {
    const words = [here.directoryUrl, ...about, '--disabled-account', 'u_3', '--sign-in', here.signIn];
    const { exitCode, text } = await runCheckConsole(words, here.server);
    expect([exitCode, text.split('\n').at(-1)]).toEqual([0, 'Every line holds.']);
  });

  it('exits with 1 and names the line when one does not hold', async () => {
    const words = [here.directoryUrl, ...about, '--disabled-account', 'u_2'];
    const { exitCode, text } = await runCheckConsole(words, here.server);
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^FAIL {2}disabled\.account +a disabled account is not found; one is$/m);
    expect(text).toMatch(/3 of 22 lines do not hold\.$/);
  });

  it('prints JSON for programs', async () => {
    const { text } = await runCheckConsole([here.directoryUrl, ...about, '--json'], here.server);
    expect(JSON.parse(text)[0]).toEqual({ line: 'url', ok: true, sentence: expect.any(String) });
  });

  const wrong = [[], ['no-url'], ['http://a.example', '--account', 'u_1'], ['http://a.example', '--accounts', 'u_1']];
  it.each(wrong.map((words) => [words]))('exits with 2 and says how it is used for %j', async (words) => {
    const text = expect.stringMatching(/^bkend-mcp-auth check-console URL/);
    expect(await runCheckConsole(words, here.server)).toMatchObject({ exitCode: 2, text });
  });
});

describe('a console that keeps a promise not', () => {
  const server = fresh(aDirectoryServer);

  const check = async (more: object = {}) => {
    const { sign } = await aSigner();
    const issuer = 'https://api.example.com/mcp';
    return failed(await checkConsole({ url: server.url, issuer, sign, fixtures, ...more }));
  };
  const inAnotherRole = { ...acme, role: 'x' };
  const believesAnybody = ['missing', 'audience', 'issuer', 'type', 'expired', 'signature', 'unsigned'].map(
    (what) => `credential.${what}`,
  );

  it('is told that it believes anybody', async () => expect(await check()).toEqual(believesAnybody));

  it.each<[string, string, unknown, string[]]>([
    ['another person', '/directory/accounts/u_1', { ...ada, id: 'u_2' }, ['account.known']],
    ['no email', '/directory/accounts/u_1', { id: 'u_1', name: 'Ada' }, ['account.known']],
    ['an organization twice', '/directory/accounts/u_1/memberships', [acme, acme, globex], ['memberships.listed']],
    ['another role in the list', '/directory/accounts/u_1/memberships/o_7', inAnotherRole, ['membership.known']],
    ['a membership that is none', '/directory/accounts/u_1/memberships/o_9', globex, ['membership.other']],
  ])('is told by name that it answers with %s', async (_name, path, answer, lines) => {
    server.answers[path] = answer;
    expect(await check()).toEqual(expect.arrayContaining(lines));
  });

  it('is told that it never answers 304', async () => {
    server.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', etag: '"1"' }).end(JSON.stringify(ada));
    });
    expect(await check()).toContain('answer.etag');
  });

  it.each([
    ['a redirect', status(302, { location: 'https://attacker.example/' })],
    ['an error', status(500)],
    ['a page', body('<html>')],
  ])('is told that it answers with %s', async (_name, behaviour) => {
    server.behave(behaviour);
    expect(await check()).toEqual(expect.arrayContaining(['answer', 'account.known', 'memberships.listed']));
  });

  it('is told that its page sends strangers elsewhere', async () => {
    server.behave(status(302, { location: 'https://attacker.example/' }));
    expect(await check({ signIn: server.url })).toEqual(
      expect.arrayContaining(['sign-in.missing', 'sign-in.unknown', 'sign-in.hostile']),
    );
  });
});

describe('a directory written in code', () => {
  it('goes through the same suite', async () => {
    const { directory, ada, acme, initech } = await adasDirectory();
    const grace = await directory.createAccount({ email: 'grace@example.com', name: 'Grace', password: 'a compiler' });
    await directory.disableAccount(grace.id);
    const known = { account: ada.id, organization: acme.id, otherOrganization: initech.id };
    const lines = await checkDirectory(directory, { ...known, disabledAccount: grace.id });
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect(lines).toHaveLength(12);
  });

  it('is told by name what it does wrong, also when it throws', async () => {
    const { directory, ada, acme } = await adasDirectory();
    const wrong = {
      ...directory,
      memberships: async (id: string) => (await directory.memberships(id)).reverse(),
      findMembership: () => Promise.reject(new Error('no such table')),
    };
    const lines = await checkDirectory(wrong, { account: ada.id, organization: acme.id });
    const membership = ['membership.known', 'membership.other', 'membership.unknown'];
    expect(failed(lines)).toEqual(['memberships.ordered', ...membership, 'identifiers']);
    expect(lines.find(({ line }) => line === 'membership.known')?.sentence).toContain('no such table');
  });
});
