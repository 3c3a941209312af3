import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { documentClient } from '../clients/document-client.ts';
import { startWeb } from '../clients/document-web.ts';
import { watchStore } from '../support/attacked.ts';
import { createPerson, type Person } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf } from '../support/test-store.ts';

/** Whoever has, or makes up, the mark of somebody's installation of a tool (of no chapter: our own). */
const clientId = 'https://tool.example.com/client.json';
const redirectUri = 'http://127.0.0.1:8765/callback';

const web = shared(startWeb);
const store = shared(async () => {
  web.serveJson(clientId, { client_id: clientId, client_name: 'A tool of the web', redirect_uris: [redirectUri] });
  return await watchStore();
});
const server = shared(() => startServer({ env: store.env, parts: { network: web.network } }));

async function connect(person: Person): Promise<string> {
  const client = documentClient(server.issuer, clientId, redirectUri);
  const { url, verifier } = client.authorizationRequest();
  const { body } = await client.exchange(await person.approves(url), verifier);
  return String(decodeJwt(body.access_token ?? '').grant_id);
}

type Jar = Map<string, { value: string; path: string }>;
const marksOf = ({ browser }: Person) => [...browser.cookies].filter(([name]) => name.includes('_installation_'));
function plant(person: Person, cookies: [string, { value: string; path: string }][]) {
  for (const [name, cookie] of cookies) (person.browser.cookies as Jar).set(name, cookie);
}

describe('the installation of a client that is described by a document', () => {
  it('is the browser in which it was approved, also in another session; another machine is another connection', async () => {
    const person = createPerson(server.origin);
    const first = await connect(person);
    const laptop = createPerson(server.origin);
    const sessions = [...person.browser.cookies.keys()].filter((name) => name.includes('_session_'));
    for (const name of sessions) (person.browser.cookies as Jar).delete(name);

    expect(await connect(person)).toBe(first);
    expect(await connect(laptop)).not.toBe(first);
    expect(await connect(laptop)).not.toBe(first);
  });

  it('is not marked by somebody who declines', async () => {
    const person = createPerson(server.origin);
    const { url } = documentClient(server.issuer, clientId, redirectUri).authorizationRequest();
    await person.approves(url, { declines: true });

    expect(marksOf(person)).toEqual([]);
  });

  it('with a mark that was copied to another account is another one', async () => {
    const victim = createPerson(server.origin);
    const theirs = await connect(victim);
    const stranger = createPerson(server.origin, { email: 'solo@example.com' });
    plant(stranger, marksOf(victim));

    expect(await connect(stranger)).not.toBe(theirs);
    expect(await connect(victim)).toBe(theirs);
  });

  it('with a mark that is copied to another browser is worth nothing until its account signs in there', async () => {
    const victim = createPerson(server.origin);
    await connect(victim);
    const thief = createPerson(server.origin);
    plant(thief, marksOf(victim));
    const { url } = documentClient(server.issuer, clientId, redirectUri).authorizationRequest();

    expect((await thief.browser.open(url.href)).html).toContain('/sign-in"');
  });

  it.each([
    ['without a signature', ([name]: string) => !name?.includes('.sig ')],
    ['with the signature of another', () => true],
  ])('with a forged mark, %s, is a new one', async (_how, keeps) => {
    const victim = createPerson(server.origin);
    const theirs = await connect(victim);
    const forger = createPerson(server.origin);
    const other = createPerson(server.origin);
    await connect(other);
    const signature = marksOf(other).filter(([name]) => name.includes('.sig '));
    const value = marksOf(victim).filter(([name]) => !name.includes('.sig '));
    plant(forger, [...value, ...signature.filter(([name]) => keeps([name] as never))]);

    expect(await connect(forger)).not.toBe(theirs);
  });

  it('has a mark that no script reads, and that says nothing of the session', async () => {
    const person = createPerson(server.origin);
    const client = documentClient(server.issuer, clientId, redirectUri);
    const page = await person.browser.open(client.authorizationRequest().url.href);
    await person.browser.submit(page, '/sign-in', { email: 'solo@example.com', password: 'demo-password' });
    await connect(person).catch(() => undefined);
    const [mark] = marksOf(person);
    const others = [...person.browser.cookies].filter(([name]) => !name.includes('_installation_'));

    expect(mark?.[1]).toMatchObject({ path: '/', value: expect.stringMatching(/^[\w-]{43}$/) });
    expect(others.map(([, { value }]) => value)).not.toContain(mark?.[1].value);
  });
});

describe('a registered client’s id in the hands of a stranger', () => {
  it('is another connection for another account, which neither sees nor changes the first', async () => {
    const client = await registerClient(server.issuer);
    const connectAs = async (email: string, scope: string) => {
      const person = createPerson(server.origin, { email });
      const { url, verifier } = client.authorizationRequest({ scope });
      return (await client.exchange(await person.approves(url), verifier)).body;
    };
    const victims = await connectAs('demo@example.com', 'project:read project:create');
    const strangers = await connectAs('solo@example.com', 'table:read');

    expect(strangers.scope).toBe('table:read');
    expect(decodeJwt(strangers.access_token ?? '').grant_id).not.toBe(decodeJwt(victims.access_token ?? '').grant_id);
    expect((await client.refresh(victims.refresh_token ?? '')).body.scope).toBe('project:read project:create');
  });

  it('does not widen by a form that names the victim’s connection', async () => {
    const client = await registerClient(server.issuer);
    const victim = client.authorizationRequest({ scope: 'project:read' });
    const { body } = await client.exchange(await createPerson(server.origin).approves(victim.url), victim.verifier);
    const { browser } = createPerson(server.origin);
    const { url, verifier } = client.authorizationRequest({ scope: 'table:read' });
    const signIn = await browser.open(url.href);
    const page = await browser.submit(signIn, '/sign-in', { email: 'solo@example.com', password: 'demo-password' });
    const connection = String(decodeJwt(body.access_token ?? '').grant_id);
    const forged = { connection, shown: 'project:read', scope: ['table:read', 'project:read'] };
    const kept = async () =>
      (await recordsOf(store.kept, 'connection')).find(({ key }) => key.includes(connection))?.value;
    const before = await kept();
    const rest = await browser.submit(page, '/consent', forged);
    expect([before, await kept()]).toEqual([expect.any(String), before]);
    const answer = await client.exchange(rest.url, verifier);

    expect(answer.body.scope).toBe('table:read');
    expect((await client.refresh(body.refresh_token ?? '')).body.scope).toBe('project:read');
  });
});
