import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createCompanyDirectory } from '../../examples/directory/company-directory.ts';
import { loadConfig } from '../../src/config/index.ts';
import { checkConsole, checkDirectory } from '../../src/console/index.ts';
import { changedPolicy } from '../support/policy.ts';
import { theExample } from './example.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const blocks = (page: string) =>
  new Map(
    [...read(page).matchAll(/```ts\n\/\/ ([\w.-]+)\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
  );

describe('docs/sign-in.md', () => {
  it.each(['hand-off.ts', 'authorization-server.ts', 'directory.ts', 'events.ts', 'organizations.ts'])(
    'shows %s as the example runs it',
    (name) => {
      expect(blocks('docs/sign-in.md').get(name)).toBe(read(`examples/console/${name}`));
    },
  );

  const sections = [...read('docs/sign-in.md').matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) =>
    JSON.parse(text.replaceAll('…', 'a secret')),
  );
  const issuesOf = (section: Record<string, object>) => {
    using policy = changedPolicy(section);
    try {
      loadConfig(policy.env);
      return 0;
    } catch (error) {
      return (error as { issues: unknown[] }).issues.length;
    }
  };

  it('has the smallest auth.json of each way in: it loads', () => {
    const ways = sections.map(({ directory, identityProviders = [] }) => [directory?.kind, identityProviders[0]?.id]);
    expect(ways).toEqual([
      ['local', undefined],
      [undefined, 'company'],
      [undefined, 'github'],
      ['console', undefined],
    ]);
    expect(sections.map(issuesOf)).toEqual([0, 0, 0, 0]);
  });

  it.each(['signIn', 'url', 'client', 'clients'])(
    'has nothing in that of a console which could be left out: %s',
    (name) => {
      const { directory, clients } = sections.find((section) => section.directory?.kind === 'console');
      const { [name]: _left, ...rest } = directory;
      expect(issuesOf({ directory: rest, clients: name === 'clients' ? [] : clients })).toBeGreaterThan(0);
    },
  );

  it.each(['id', 'issuer', 'client'])('has nothing in that of a provider which could be left out: %s', (name) => {
    const [provider] = sections.find(
      ({ identityProviders }) => identityProviders?.[0]?.id === 'company',
    ).identityProviders;
    const { [name]: _left, ...rest } = provider;
    expect(issuesOf({ identityProviders: [rest] })).toBeGreaterThan(0);
  });

  it('names attacks, each of which is tried by that name where it says', () => {
    const rows = [...read('docs/sign-in.md').matchAll(/^\| ([^|]+) \| [^|]+ \| `(test\/[^`]+)` \|$/gm)];
    expect(rows.length).toBeGreaterThanOrEqual(11);
    for (const [, attack = '', file = ''] of rows)
      expect(`${file}: ${read(file)}`).toMatch(new RegExp(`(?:describe|it)\\('${RegExp.escape(attack)}`));
  });

  it('is configured as the example is', () => {
    const { directory, clients } = JSON.parse(read('examples/console/auth.json'));
    expect(Object.keys(directory).sort()).toEqual(['client', 'kind', 'signIn', 'signOut', 'unavailable', 'url']);
    expect(clients.map((client: { client_id: string }) => client.client_id)).toContain(directory.client);
  });
});

describe('docs/directory.md', () => {
  it('shows the directory of the example, and the suite finds all its promises kept', async () => {
    const shown = blocks('docs/directory.md').get('company-directory.ts');
    expect(shown?.replace("'bkend-mcp-auth'", "'../../src/index.ts'")).toBe(
      read('examples/directory/company-directory.ts'),
    );
    const accounts = [
      { id: 'u_1', email: 'ada@example.com', name: 'Ada', disabled_at: null },
      { id: 'u_2', email: 'grace@example.com', name: 'Grace', disabled_at: new Date(0) },
    ];
    const directory = createCompanyDirectory({
      account: async (id) => accounts.find((each) => each.id === id),
      memberships: async () => [
        { id: 'o_8', slug: 'globex', name: 'Globex', role: 'viewer' },
        { id: 'o_7', slug: 'acme', name: 'Acme Corp', role: 'owner' },
      ],
    });
    const fixtures = { account: 'u_1', organization: 'o_7', disabledAccount: 'u_2' };
    expect((await checkDirectory(directory, fixtures)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('lists the lines of the suite, and no other', async () => {
    const example = await theExample();
    const { issuer, sign } = example.server;
    const lines = await checkConsole({
      ...{ url: example.directoryUrl, signIn: example.signIn, issuer, sign },
      fixtures: { account: 'u_1', organization: 'o_7', disabledAccount: 'u_2' },
    });
    await example.close();
    const documented = [...read('docs/directory.md').matchAll(/^\| `([^`]+)` \|/gm)].map(([, line]) => line);
    // Those of the hand-off are another suite's.
    const asked = documented.filter((line) => !/^(hand-off|events)\./.test(String(line)));
    expect(asked.sort()).toEqual(lines.map(({ line }) => line).sort());
  });
});
