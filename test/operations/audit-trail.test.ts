import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { eventLines } from '../../src/operations/event-lines.ts';
import { hrefOf, startAccountFixtures } from '../account/account-fixtures.ts';
import { aPersonOf, theHandOff } from '../hand-off/hand-off.ts';
import { closing } from '../support/closing.ts';
import type { Connected } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { createVisitor } from '../support/visitor.ts';

const documented = readFileSync('docs/log.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, event = '', level = '', fields = '']) => ({
    event: event.replaceAll('`', ''),
    level,
    fields: [...fields.matchAll(/`([^`]+)`/g)].map(([, field]) => String(field)),
  }));

describe('docs/log.md', () => {
  it('has every event with its level, and no other', () => {
    expect(documented.map(({ event, level }) => [event, level])).toEqual(
      Object.entries(eventLines).map(([event, { level }]) => [event, level]),
    );
  });

  it('names what the protocol refuses, and what the process says', () => {
    const page = readFileSync('docs/log.md', 'utf8');
    const source = [
      'operations/events.ts',
      ...['announcement', 'run-server', 'demonstration'].map((name) => `process/${name}.ts`),
    ];
    const text = source.map((file) => readFileSync(`src/${file}`, 'utf8')).join('\n');
    const said = [...text.matchAll(/event: '((?:start|stop|demonstration)[a-z.]*)'/g)].map(([, name]) => name);
    const refusals = [...text.matchAll(/^ {2}\| '([a-z_]+)'(?:\}|$)/gm)].map(([, name]) => `${name}.error`);
    expect([said.length, refusals.length]).toEqual([9, 11]);
    for (const name of [...said, ...refusals]) expect(page).toContain(`\`${name}\``);
  });
});

const home = shared(() => startAccountFixtures({ TRUSTED_PROXIES: '127.0.0.1' }));
const owner = shared(() => home.signedIn('owner'));
const connection = shared(() => home.connects('owner'));

const everyLine = { address: '127.0.0.1', reference: expect.stringMatching(/^[2-9A-HJ-NP-Z]{8}$/) };
const base = ['level', 'time', 'msg', 'event'];

/** The lines that this action was worth, each with no field that is not documented. */
async function linesOf(action: () => Promise<unknown>, from = home.server.logLines) {
  const before = from.length;
  await action();
  const lines = from.slice(before);
  for (const line of lines) {
    const { fields = [] } = documented.find(({ event }) => event === line.event) ?? {};
    if (!String(line.event).endsWith('.error')) {
      expect([...base, ...fields]).toEqual(expect.arrayContaining(Object.keys(line)));
    }
  }
  return lines;
}
const one = (event: string, fields: Record<string, unknown>) =>
  expect.objectContaining({ event, ...everyLine, ...fields });

const whose = ({ claims, client }: Connected) => ({
  account: claims.sub,
  client: client.clientId,
  connection: claims.grant_id,
  organization: claims.org_id,
});

describe('a line of the log, with account, client, connection, organization, address and reference, is', () => {
  it('a sign-in in a flow, the organization chosen, and consent', async () => {
    let client = '';
    let claims: Record<string, unknown> = {};
    const lines = await linesOf(async () => {
      const tool = await registerClient(home.server.issuer);
      client = tool.clientId;
      const { url, verifier } = tool.authorizationRequest();
      const { body } = await tool.exchange(await createPerson(home.server.origin).approves(url), verifier);
      claims = decodeJwt(String(body.access_token));
    });
    const { sub: account, org_id: organization, grant_id: connection } = claims;
    const events = ['registration', 'sign_in', 'organization.chosen', 'consent', 'grant'];
    expect(lines.map(({ event }) => event)).toEqual(events);
    expect(lines).toContainEqual(one('sign_in', { account, client, method: 'password' }));
    expect(lines).toContainEqual(one('organization.chosen', { account, client, organization }));
    expect(lines).toContainEqual(one('consent', { account, client, connection, organization, scopes: 17 }));
  });

  it('decline, with the account that is known by then', async () => {
    const visitor = await createVisitor(home.server);
    const lines = await linesOf(async () => {
      const { browser, page } = await visitor.reachesSignIn();
      await browser.submit(page, '/decline');
      const consent = await visitor.reachesConsent();
      await consent.browser.submit(consent.page, '/decline');
    });
    const declined = lines.filter(({ event }) => event === 'consent.declined');
    expect(declined).toEqual([
      one('consent.declined', { client: expect.any(String) }),
      one('consent.declined', { account: connection.claims.sub, client: expect.any(String) }),
    ]);
    expect(declined[0]).not.toHaveProperty('account');
  });

  it('a sign-in that is refused: whose password it was not, and nobody’s email', async () => {
    const refuse = (email: string) =>
      linesOf(async () => {
        const browser = home.comes('owner');
        const page = await browser.opens('/mcp/oauth/account/sign-in');
        await browser.browser.submit(page, '/sign-in', { email, password: 'wrong' });
      });
    const [known, unknown] = [await refuse('demo@example.com'), await refuse('nobody@example.com')];
    expect(known).toEqual([one('sign_in.refused', { account: connection.claims.sub })]);
    expect(unknown).toEqual([one('sign_in.refused', {})]);
    expect(unknown[0]).not.toHaveProperty('account');
    expect(JSON.stringify([known, unknown])).not.toContain('@');
  });

  it('a sign-in that is limited', async () => {
    let lines: Record<string, unknown>[] = [];
    for (let n = 0; n < 12; n += 1) lines = await linesOf(() => home.comes('viewer').signsIn('wrong'));
    expect(lines).toEqual([one('sign_in.limited', { account: expect.any(String) })]);
  });

  it('a connection that is renamed, changed, and ended by its person', async () => {
    const its = whose(connection);
    const change = { organization: 'acme', scope: ['project:read'] };
    for (const [action, fields, line] of [
      ['rename', { label: 'Mine' }, one('connection.renamed', its)],
      ['change', change, one('connection.changed', { ...its, scopes: 1 })],
      ['disconnect', {}, one('connection.revoked', { ...its, reason: 'revoked by the person' })],
    ] as const)
      expect(await linesOf(() => owner.submits(hrefOf(connection, action), fields))).toEqual([line]);
  });

  it('a connection that an administrator ends, or its tool', async () => {
    const [ended, revoked] = [await home.connects('member'), await home.connects('member')];
    const path = `/mcp/oauth/account/organizations/acme/connections/${ended.claims.grant_id}/disconnect`;
    expect(await linesOf(() => owner.submits(path))).toEqual([
      one('connection.revoked', { ...whose(ended), reason: 'revoked by an administrator' }),
      one('administrator.revoked', { ...whose(ended), by: connection.claims.sub }),
    ]);
    expect(await linesOf(() => revoked.client.post('revoke', { token: revoked.refreshToken }))).toEqual([
      one('connection.revoked', whose(revoked)),
    ]);
  });

  it('signing out here, by a tool’s link, and everywhere', async () => {
    const account = connection.claims.sub;
    const out = '/mcp/oauth/account/sign-out';
    expect(await linesOf(() => owner.submits(out))).toEqual([one('sign_out', { account })]);
    const { person } = await home.connects('owner');
    const asking = await person.browser.open('/mcp/oauth/sign-out');
    expect(await linesOf(() => person.browser.submit(asking, '/confirm', { logout: 'yes' }))).toContainEqual(
      one('sign_out', { account }),
    );
    const again = await home.signedIn('owner');
    expect(await linesOf(() => again.submits(`${out}/everywhere`))).toEqual([one('sign_out.everywhere', { account })]);
  });

  it('a sign-in at the console, and what the console called', async () => {
    await using here = closing(await theHandOff());
    const lines = await linesOf(async () => aPersonOf(here).connects(), here.logLines);
    const account = lines.find(({ event }) => event === 'consent')?.account;
    const client = here.tool.clientId;
    const address = expect.stringMatching(/^(127\.0\.0\.1|::1)$/);
    expect(lines).toContainEqual(one('console.accepted', { account, status: 200, address }));
    expect(lines).toContainEqual(one('sign_in', { account, client, method: 'console' }));
  });
});
