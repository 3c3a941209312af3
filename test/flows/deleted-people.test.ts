import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, jest } from '@jest/globals';
import { TOTP } from 'otpauth';
import { commands } from '../../src/cli/commands.ts';
import { createTools } from '../../src/cli/tools.ts';
import { createDomain } from '../../src/composition/domain.ts';
import { loadConfig } from '../../src/index.ts';
import type { Event } from '../../src/operations/index.ts';
import { approve } from '../support/approval.ts';
import { type Connected, connect } from '../support/connect.ts';
import { type Actions, createPerson } from '../support/person.ts';
import { temporaryFolder } from '../support/process.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const settings = { STORE_SECRET: 'a secret that only tests may know', LOG_LEVEL: 'silent', DEMO: '0' };
const password = 'a long enough password';

const folder = shared(temporaryFolder);
const env = shared(() => ({ ...settings, DATABASE: `${folder.path}/auth.db` }));
const server = shared(() => startServer({ env }));
const domain = shared(
  () => createDomain(loadConfig({ ...env })),
  ({ storage }) => storage.store.close(),
);
const events: Event[] = [];

async function run(name: string, ...words: string[]): Promise<string> {
  const tools = {
    ...createTools(loadConfig({ ...env }), { ...domain }),
    emit: (event: Event) => void events.push(event),
  };
  const command = commands.find((each) => each.name === name);
  if (!command) throw new Error(`there is no command ${name}`);
  return command.run(tools, words);
}

async function add(email: string, name: string, ...slugs: string[]) {
  const memberships = [];
  for (const slug of slugs) {
    const { id } = await domain.localDirectory.createOrganization({ slug, name: `Called ${slug}` });
    memberships.push({ organizationId: id, role: 'owner' });
  }
  await domain.localDirectory.createAccount({ email, name, password, memberships });
  return { email, password };
}

/** And the tool never fetches its tokens: that is no connection. */
const approvesOnly = async (actions: Actions) =>
  approve(await registerClient(server.issuer), createPerson(server.origin), {}, actions);
const introspected = async ({ client, accessToken: token }: Connected) =>
  (await client.post('introspect', { token })).body.active;

/** Which of these words are still in the records of the store, or in their names. */
function kept(...words: string[]): string[] {
  const database = new DatabaseSync(`${folder.path}/auth.db`, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const all = tables.map(({ name }) => JSON.stringify(database.prepare(`SELECT * FROM "${name}"`).all())).join('\n');
  database.close();
  return words.filter((word) => all.includes(word));
}

it('a person (R122) is renamed, exported, and deleted for good; what is kept is the action, by its id', async () => {
  const actions = await add('dot@example.com', 'Dot Secretname', 'dotties');
  const connected = await connect(server, { actions });
  const { client, claims, refreshToken } = connected;
  await approvesOnly(actions);
  const id = String(claims.sub);

  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  const key = { id: 'a-key', publicKey: 'a-public-key', counter: 7, transports: [] };
  await domain.factors.addPasskey(id, key, { name: 'Laptop', onlyFirst: false });
  const code = new TOTP({ secret }).generate();
  await domain.factors.addApp(id, { secret, code, name: 'Phone', onlyFirst: false });

  await run('rename', actions.email, 'Dorothy Secretname');
  const exported = await run('export', actions.email);
  const time = expect.any(Number);
  expect(JSON.parse(exported)).toEqual({
    account: {
      ...{ id, email: 'dot@example.com', name: 'Dorothy Secretname', disabled: false, hasPassword: true },
      memberships: [{ organization: { id: claims.org_id, slug: 'dotties', name: 'Called dotties' }, role: 'owner' }],
      signsInAt: [],
    },
    secondFactors: [
      { kind: 'passkey', name: 'Laptop', addedAt: time },
      { kind: 'app', name: 'Phone', addedAt: time, lastUsedAt: time },
    ],
    recoveryCodesLeft: 10,
    connections: [expect.objectContaining({ id: claims.grant_id, accountId: id, address: '127.0.0.1' })],
  });
  expect(exported).not.toMatch(/argon2|"lines"|"mark"|"secret"|publicKey|"counter"/);
  expect(exported).not.toContain(secret);

  const warning = `This would delete ${id} for good, and end a connection. Add --yes if that is meant.`;
  await expect(run('delete', actions.email)).rejects.toThrow(warning);
  expect(await introspected(connected)).toBe(true);

  // Half-way: nobody gets in any more, and it can be asked for again.
  const { localDirectory: directory } = domain;
  const remove = jest.spyOn(directory, 'removeAccount').mockRejectedValueOnce(new Error('the store is away'));
  await expect(run('delete', actions.email, '--yes')).rejects.toThrow('the store is away');
  remove.mockRestore();
  expect([await introspected(connected), (await directory.describeAccount(id))?.disabled]).toEqual([false, true]);

  expect(await run('delete', actions.email, '--yes')).toBe(`account ${id} is deleted`);

  expect(await introspected(connected)).toBe(false);
  expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
  await expect(connect(server, { actions })).rejects.toThrow('422');
  const records = [`account:{${id}}`, `last-organization:{${id}}`, `factors:{${id}}`];
  expect(kept('dot@example.com', 'Secretname', ...records)).toEqual([]);
  expect(events.splice(0)).toEqual([{ event: 'account.deleted', account: id }]);
  const log = JSON.stringify(server.logLines);
  expect([id, 'Secretname', 'dot@'].map((word) => log.includes(word))).toEqual([true, false, false]);

  await expect(run('delete', actions.email, '--yes')).rejects.toThrow('There is no account dot@example.com.');
  await add('dot@example.com', 'Another', 'others');
  expect((await connect(server, { actions })).claims.sub).not.toBe(id);
});

describe('an organization (R122)', () => {
  it('is renamed, exported, and deleted for good with its invitations; its members stay', async () => {
    const eva = await add('eva@example.com', 'Eva', 'leaving', 'staying');
    const left = await connect(server, { actions: { ...eva, organization: 'leaving' } });
    const other = await connect(server, { actions: { ...eva, organization: 'staying' } });
    await approvesOnly({ ...eva, organization: 'leaving' });
    await run('invite', 'fay@example.com', '--organization', 'leaving', '--role', 'viewer');
    await run('invite', 'gus@example.com', '--organization', 'staying', '--role', 'viewer');

    await run('rename-organization', 'leaving', 'Another name');
    const { org_id: id, sub } = left.claims;
    expect(JSON.parse(await run('export-organization', 'leaving'))).toEqual({
      organization: { id, slug: 'leaving', name: 'Another name' },
      members: [{ id: sub, email: 'eva@example.com', name: 'Eva', role: 'owner' }],
      connections: [expect.objectContaining({ id: left.claims.grant_id, organizationId: id })],
    });

    await expect(run('delete-organization', 'leaving')).rejects.toThrow('and end a connection. Add');
    expect(await introspected(left)).toBe(true);
    expect(await run('delete-organization', 'leaving', '--yes')).toBe(`organization ${id} is deleted`);

    expect((await left.client.refresh(left.refreshToken)).body.error).toBe('invalid_grant');
    expect(await introspected(left)).toBe(false);
    expect((await other.client.refresh(other.refreshToken)).status).toBe(200);
    expect(kept('Another name', `organization:{${id}}`, 'organization-slug:{leaving}')).toEqual([]);
    const list = await run('list');
    expect([list.includes('fay@'), list.includes('gus@'), list.includes('eva@')]).toEqual([false, true, true]);
    expect(events.splice(0)).toEqual([{ event: 'organization.deleted', organization: id }]);

    await run('organization', 'leaving', 'Somebody else');
    expect(JSON.parse(await run('export-organization', 'leaving')).members).toEqual([]);
  });

  it('that nobody knows is neither renamed nor deleted', async () => {
    for (const name of ['rename-organization', 'export-organization', 'delete-organization'])
      await expect(run(name, 'nowhere', '--yes')).rejects.toThrow('There is no organization nowhere.');
  });
});
