import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { approve } from '../support/approval.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { type TestStoreKind, testStores } from '../support/test-store.ts';

const rounds = 15;

describe.each(Object.keys(testStores) as TestStoreKind[])('one installation, with its records in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));

  /** Somebody who is on the page of this request, and does not answer yet. */
  async function readyTool() {
    const client = await registerClient(server.issuer);
    const person = createPerson(server.origin);
    const connect = async (scope: string) => (await approve(client, person, { scope, organization: 'acme' })).redeem();
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
