import { beforeAll, describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import { registerClient } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';
import { recordsOf } from '../support/test-store.ts';

/**
 * MCP security best practices, "Confused Deputy Problem": whoever has approved one tool is led by a link through the session
 * and the approval that are there already, and another tool gets the code.
 */
const honest = { client_name: 'Notes', redirect_uris: ['https://notes.example/cb'] };
const lookalikes: Record<string, Record<string, unknown>> = {
  'of the same name': { client_name: 'Notes', redirect_uris: ['https://evil.example/cb'] },
  'of the same name and the same redirect URI': honest,
  'that names the software of the other': { ...honest, software_id: 'notes', client_uri: 'https://notes.example' },
};

const here = shared(startAttacked);
const approved = shared(() => registerClient(here.server.issuer, honest));
beforeAll(async () => {
  const { callback, verifier } = await here.approved(approved);
  await approved.exchange(callback, verifier);
});

const rights = async () =>
  (await Promise.all(['connection', 'authorization-code', 'refresh-line'].map((kind) => recordsOf(here.kept, kind))))
    .flat()
    .map(({ key, value }) => [key, value]);

describe('a tool that nobody approved,', () => {
  it.each(Object.entries(lookalikes))('%s, is asked about, and has nothing until then', async (_name, metadata) => {
    const evil = await registerClient(here.server.issuer, metadata);
    const before = await rights();

    const page = await here.person.browser.open(evil.authorizationRequest({ organization: 'acme' }).url.href);

    expect([page.status, page.url.origin]).toEqual([200, here.server.origin]);
    expect(page.html).toContain('/consent"');
    expect(await rights()).toEqual(before);
  });

  it.each(Object.entries(lookalikes))('%s, gets no code without a page', async (_name, metadata) => {
    const evil = await registerClient(here.server.issuer, metadata);
    const { url } = evil.authorizationRequest({ prompt: 'none', organization: 'acme', scope: 'project:read' });

    const rest = await here.changesNothing(() => here.person.browser.open(url.href));

    expect(rest.url.searchParams.has('code')).toBe(false);
    expect(rest.url.searchParams.get('error') ?? rest.status).toMatch(/^(consent|interaction)_required$/);
  });

  it('does not approve itself by a form that was made for the other', async () => {
    const evil = await registerClient(here.server.issuer, lookalikes['of the same name']);
    const [own, foreign] = [
      await here.person.browser.open(approved.authorizationRequest({ organization: 'acme' }).url.href),
      await here.person.browser.open(evil.authorizationRequest({ organization: 'acme' }).url.href),
    ];
    const csrf = /name="csrf" value="([^"]+)"/.exec(own.html)?.[1] ?? '';

    const rest = await here.changesNothing(() => here.person.browser.submit(foreign, '/consent', { csrf }));

    expect(rest.status).toBe(403);
  });
});

it('the tool that was approved does not take over a code, or a refresh token, of the other', async () => {
  const other = await registerClient(here.server.issuer, honest);
  const run = await here.approved(other);
  const stolen = await here.changesNothing(() => approved.exchange(run.callback, run.verifier));
  const { refresh_token: refreshToken = '' } = (await other.exchange(run.callback, run.verifier)).body;
  const renewed = await here.changesNothing(() => approved.refresh(refreshToken));

  for (const answer of [stolen, renewed])
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await other.refresh(refreshToken)).status).toBe(200);
});
