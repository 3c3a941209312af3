import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { approve as approves } from '../support/approval.ts';
import { type Actions, createPerson, type Person } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

const server = shared(startServer);

type Asked = Partial<Record<'scope' | 'prompt' | 'organization' | 'resource', string>>;

async function installed() {
  return { client: await registerClient(server.issuer), person: createPerson(server.origin) };
}
type Installed = { readonly client: RelyingParty; readonly person: Person };

async function approve({ client, person }: Installed, asked: Asked = {}, actions: Actions = {}) {
  const { redeem } = await approves(client, person, { scope: 'project:read', ...asked }, actions);
  const { access_token: accessToken = '', refresh_token: refreshToken = '', ...body } = (await redeem()).body;
  const { grant_id: id, scope, org_slug: organization } = decodeJwt(accessToken) as Record<string, string>;
  return { id, scope, organization, refreshToken, body };
}

/** As far as the page. */
const open = ({ client, person }: Installed, asked: Asked = {}) =>
  person.browser.open(client.authorizationRequest({ scope: 'project:read', ...asked }).url.href);

const scopesOfRefresh = async ({ client }: Installed, refreshToken: string) =>
  (await client.refresh(refreshToken)).body.scope;

describe('a registered client that is approved again by the same account', () => {
  it('has the same connection, whose tokens of before go on working', async () => {
    const tool = await installed();
    const first = await approve(tool);
    const second = await approve({ ...tool, person: createPerson(server.origin) });

    expect(second.id).toBe(first.id);
    expect(await scopesOfRefresh(tool, first.refreshToken)).toBe('project:read');
    expect(await scopesOfRefresh(tool, second.refreshToken)).toBe('project:read');
  });

  it('has another one for another organization, and each goes on', async () => {
    const tool = await installed();
    const acme = await approve(tool);
    const globex = await approve(tool, { organization: 'globex' });

    expect(globex.id).not.toBe(acme.id);
    expect((await approve(tool, { organization: 'acme' })).id).toBe(acme.id);
    expect((await approve(tool, { organization: 'globex' })).id).toBe(globex.id);
    expect((await open(tool)).html).toContain('Choose an organization');
  });

  it('has another one for another resource, and each keeps its own', async () => {
    const resource = 'http://localhost:8080/other';
    const { resources } = JSON.parse(readFileSync('config/auth.json', 'utf8'));
    const policy = { resources: [...resources, { ...resources[0], uri: resource }] };
    await using elsewhere = await startServer({ policy });
    const tool = { client: await registerClient(elsewhere.issuer), person: createPerson(elsewhere.origin) };
    const ids = [];
    for (const asked of [{}, { resource }, {}, { resource }]) ids.push((await approve(tool, asked)).id);
    expect(ids).toEqual([ids[0], ids[1], ids[0], ids[1]]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('ends as a whole when one of its lines of tokens is replayed', async () => {
    const tool = await installed();
    const first = await approve(tool);
    const second = await approve(tool);
    const { redeem } = await approves(tool.client, tool.person);
    await redeem();

    expect((await redeem()).body.error).toBe('invalid_grant');
    for (const { refreshToken } of [first, second])
      expect((await tool.client.refresh(refreshToken)).body.error).toBe('invalid_grant');
  });

  it('begins anew after its connection was ended, without what that had', async () => {
    const tool = await installed();
    const first = await approve(tool, { scope: 'project:read project:create' });
    await tool.client.post('revoke', { token: first.refreshToken });
    const { html } = await open(tool, { prompt: 'consent', organization: 'acme' });
    expect(html).not.toContain('Already allowed');

    const second = await approve(tool);
    expect(second.id).not.toBe(first.id);
    expect(second.scope).toBe('project:read');
  });
});

describe('a step-up', () => {
  it('keeps the organization, says what is allowed already and what is new, and loses nothing', async () => {
    const tool = await installed();
    await approve(tool, { scope: 'openid offline_access project:read' }, { organization: 'globex' });
    const { html } = await open(tool, { scope: 'table:read' });

    expect(html).toContain('name="organization" value="globex"');
    expect(html).toMatch(/value="project:read" checked>.*?Already allowed.*?value="table:read" checked>.*?>New</s);
    const token = await approve(tool, { scope: 'table:read' });
    expect(token).toMatchObject({ organization: 'globex', scope: 'project:read table:read' });
    expect(String(token.body.scope).split(' ')).toEqual(['project:read', 'table:read', 'offline_access']);
    expect(await scopesOfRefresh(tool, token.refreshToken)).toContain('project:read table:read');
  });

  it('takes away from all tokens at once what is left unticked', async () => {
    const tool = await installed();
    const first = await approve(tool, { scope: 'project:read project:create' });
    const second = await approve(tool, { scope: 'table:read' }, { scopes: ['project:read', 'table:read'] });

    expect(second.scope).toBe('project:read table:read');
    expect(await scopesOfRefresh(tool, first.refreshToken)).toBe('project:read');
  });

  it('does not widen tokens of before, whatever they ask for', async () => {
    const tool = await installed();
    const first = await approve(tool);
    await approve(tool, { scope: 'project:create' });

    const { body } = await tool.client.refresh(first.refreshToken, { scope: 'project:read project:create' });
    expect(body.scope).toBe('project:read');
  });

  it('does not give what the person does not tick, and what a form makes up', async () => {
    const tool = await installed();
    await approve(tool);
    const ticked = { scopes: ['project:read', 'project:delete', 'table:read'] };
    const { scope } = await approve(tool, { scope: 'project:create' }, ticked);
    expect(scope).toBe('project:read');
  });

  it.each(['consent', 'select_account'])('with prompt=%s lets the organization be chosen', async (prompt) => {
    const tool = await installed();
    const { id } = await approve(tool);
    let page = await open(tool, { prompt });
    const credentials = { email: 'demo@example.com', password: 'demo-password' };
    if (prompt === 'select_account') page = await tool.person.browser.submit(page, '/sign-in', credentials);

    expect(page.html).toContain('Choose an organization');
    const choose = async (slug: string) =>
      (await tool.person.browser.open(`${page.url.pathname}?organization=${slug}`)).html;
    expect(await choose('globex')).not.toContain('Already allowed');
    expect(await choose('acme')).toContain('Already allowed');
    expect((await approve(tool)).id).toBe(id);
  });

  it('that adds what was just taken away waits until the gateways let it through', async () => {
    const tool = await installed();
    const both = { scope: 'project:read project:create' };
    await approve(tool, both);
    const before = performance.now();
    await approve(tool, both, { scopes: ['project:read'] });
    expect((await approve(tool, both)).scope).toBe('project:read project:create');
    expect(performance.now() - before).toBeGreaterThan(4000);
  });
});

describe('what was never redeemed', () => {
  const email = 'owner@example.com';
  const credentials = { email, password: 'demo-password' };
  beforeAll(async () => {
    const directory = server.server.directory as LocalDirectory;
    const make = ({ slug }: { slug: string }) => directory.createOrganization({ slug, name: slug });
    const organizations = await Promise.all([make({ slug: 'labs' }), make({ slug: 'works' })]);
    const memberships = organizations.map(({ id }) => ({ organizationId: id, role: 'owner' }));
    await directory.createAccount({ ...credentials, name: 'Owner', memberships });
  });

  /** How many the account, and its organization, list; and which organization was used last. */
  async function seen(tool: Installed) {
    const [own, ofAll] = await Promise.all(
      ['', '/organizations/labs'].map((path) => tool.person.browser.open(`${server.issuer}/oauth/account${path}`)),
    );
    const rows = [own, ofAll].map((page) => page?.html.match(/(Manage|Disconnect)<span/g)?.length ?? 0);
    const { html } = await open(tool, { prompt: 'consent' });
    const choices = html.split('<li>').filter((each) => each.includes('Last used'));
    return { rows, last: choices.map((each) => /organization=(\w+)/.exec(each)?.[1]), allowed: await isAllowed(tool) };
  }
  const isAllowed = async (tool: Installed) =>
    (await open(tool, { organization: 'labs' })).html.includes('Already allowed');

  it('is listed and counted nowhere, nor used last; from the first token on it is', async () => {
    const tool = { ...(await installed()), person: createPerson(server.origin, credentials) };
    const labs = { organization: 'labs' };
    await tool.person.approves(tool.client.authorizationRequest().url, { declines: true });
    const before = await open(tool);
    await tool.person.browser.submit(before, '/sign-in', credentials);
    expect(await seen(tool)).toEqual({ rows: [0, 0], last: [], allowed: false });

    const { redeem } = await approves(tool.client, tool.person, {}, labs);
    expect(await seen(tool)).toEqual({ rows: [0, 0], last: [], allowed: false });

    await redeem();
    expect(await seen(tool)).toEqual({ rows: [1, 1], last: ['labs'], allowed: true });

    await approves(tool.client, tool.person, { prompt: 'consent' }, { organization: 'works' });
    expect(await seen(tool)).toEqual({ rows: [1, 1], last: ['labs'], allowed: true });
  });
});

const rounds = 15;

describe.each(Object.keys(testStores) as TestStoreKind[])('one installation, with its records in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));

  /** Somebody who is on the page of this request, and does not answer yet. */
  async function readyTool() {
    const client = await registerClient(server.issuer);
    const person = createPerson(server.origin);
    const connect = async (scope: string) => (await approves(client, person, { scope, organization: 'acme' })).redeem();
    // Each in a browser of its own: in one, whoever comes first renews the session of both.
    const open = async (scope: string) => {
      const person = createPerson(server.origin);
      const { url, verifier } = client.authorizationRequest({ scope, organization: 'acme' });
      let page = await person.browser.open(url.href);
      if (page.html.includes('/sign-in"'))
        page = await person.browser.submit(page, '/sign-in', { email: 'demo@example.com', password: 'demo-password' });
      const submit = async (fields = {}) => {
        page = await person.browser.submit(page, '/consent', fields);
        return page.url;
      };
      return { submit, redeem: (callback: URL) => client.exchange(callback, verifier) };
    };
    return { client, connect, open };
  }
  const tokenOf = ({ body }: { body: { access_token?: string } }) =>
    decodeJwt(body.access_token ?? '') as Record<string, string>;

  const isSame = (answer: { body: { access_token?: string } }, body: { access_token?: string }) =>
    tokenOf(answer).grant_id === tokenOf({ body }).grant_id;

  it(`approved twice at once is one connection, with what either page approved (${rounds} rounds)`, async () => {
    for (let round = 0; round < rounds; round++) {
      const { open, client } = await readyTool();
      const pages = [await open('project:read'), await open('project:create'), await open('table:read')];
      const callbacks = await Promise.all(pages.map(({ submit }) => submit()));
      const answers = await Promise.all(pages.map(({ redeem }, n) => redeem(callbacks[n] as URL)));

      expect(new Set(answers.map((answer) => tokenOf(answer).grant_id)).size).toBe(1);
      expect(answers.map(({ body }) => body.scope)).toEqual(['project:read', 'project:create', 'table:read']);
      for (const { body } of answers) expect((await client.refresh(body.refresh_token ?? '')).status).toBe(200);
    }
  }, 120_000);

  it(`approved while it is revoked ends, or begins anew without what it had (${rounds} rounds)`, async () => {
    for (let round = 0; round < rounds; round++) {
      const { open, connect, client } = await readyTool();
      const { body } = await connect('project:read project:create');
      const page = await open('table:read');
      const [callback] = await Promise.all([page.submit(), client.post('revoke', { token: body.refresh_token ?? '' })]);
      // It ended between the form and the way back: then its person is asked anew.
      const answer = await page.redeem(callback.origin === server.origin ? await page.submit() : callback);

      expect((await client.refresh(body.refresh_token ?? '')).body.error).toBe('invalid_grant');
      const { status } = answer;
      const outcome =
        status === 200 ? { status, scope: answer.body.scope, isOld: isSame(answer, body) } : answer.body.error;
      expect([{ status, scope: 'table:read', isOld: false }, 'invalid_grant']).toContainEqual(outcome);
      expect((await connect('project:read')).body.scope).toMatch(/^project:read( table:read)?$/);
    }
  }, 120_000);

  it(`redeemed while it is narrowed has no more than was left (${rounds} rounds)`, async () => {
    for (let round = 0; round < rounds; round++) {
      const { open, connect, client } = await readyTool();
      const { body } = await connect('project:read project:create');
      const first = await open('project:read project:create');
      const callback = await first.submit();
      const second = await open('project:read project:create');
      const [answer] = await Promise.all([first.redeem(callback), second.submit({ scope: ['project:read'] })]);

      expect(answer.status).toBe(200);
      for (const token of [body.refresh_token ?? '', answer.body.refresh_token ?? ''])
        expect((await client.refresh(token)).body.scope).toBe('project:read');
    }
  }, 120_000);
});
