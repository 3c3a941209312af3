import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestClock, days } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { createPerson } from '../support/person.ts';
import { redirectUri, registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { recordsOf, type TestStore, type TestStoreKind, testStores } from '../support/test-store.ts';

async function manage(method: string, registration: Record<string, unknown>, changes?: object) {
  const response = await fetch(String(registration.registration_client_uri), {
    method,
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${registration.registration_access_token}`,
    },
    ...(changes && {
      body: JSON.stringify({ client_id: registration.client_id, redirect_uris: [redirectUri], ...changes }),
    }),
  });
  return response.status;
}

describe.each(Object.keys(testStores) as TestStoreKind[])('a registration kept in %s', (kind) => {
  let kept: TestStore;
  let server: TestServer;
  beforeAll(async () => {
    kept = await testStores[kind]();
    server = await startServer({ env: kept.env });
  });
  afterAll(async () => {
    await server.close();
    await kept.close();
  });

  /** Days that the records of one client still have. */
  async function daysLeft(clientId: string) {
    const all = await Promise.all(
      ['client', 'registration-tokens', 'registration-access-token'].map((each) => recordsOf(kept, each)),
    );
    const [client, index, tokens] = all.map((records) => records);
    const ofClient = [client, index].map((records) => records?.find(({ key }) => key.endsWith(`{${clientId}}`)));
    const [, tokenIndex] = ofClient;
    const token = tokens?.find(({ key }) => tokenIndex?.value.includes(key));
    return [...ofClient, token].map(
      (record) => Math.round(((record?.secondsLeft ?? Number.NaN) / days(1)) * 1000) / 1000,
    );
  }

  it('that nobody approved is gone after a day, with all that belongs to it (R86)', async () => {
    const { clientId } = await registerClient(server.issuer);

    expect(await daysLeft(clientId)).toEqual([1, 1, 1]);
  });

  it('that was approved outlives its refresh token by thirty days and more (R31)', async () => {
    const { client } = await connect(server);

    expect(await daysLeft(client.clientId)).toEqual([61, 61, 61]);
  });

  it('that somebody declined without signing in is gone after a day (R86)', async () => {
    const client = await registerClient(server.issuer);
    await createPerson(server.origin).approves(client.authorizationRequest().url, { declines: true });

    expect(await daysLeft(client.clientId)).toEqual([1, 1, 1]);
  });

  it.each(['demo@example.com', 'new@example.com'])(
    'for which %s signed in, and approved nothing, is known for a week (R103)',
    async (email) => {
      const client = await registerClient(server.issuer);
      const { browser } = createPerson(server.origin);
      const page = await browser.open(client.authorizationRequest().url.href);
      await browser.submit(page, '/sign-in', { email, password: 'wrong' });
      expect(await daysLeft(client.clientId)).toEqual([1, 1, 1]);

      await browser.submit(page, '/sign-in', { email, password: 'demo-password' });

      expect(await daysLeft(client.clientId)).toEqual([7, 7, 7]);
    },
  );

  it('is known for a week, too, when who looks at it was signed in already (R103)', async () => {
    const { person } = await connect(server);
    const client = await registerClient(server.issuer);

    await person.browser.open(client.authorizationRequest().url.href);

    expect(await daysLeft(client.clientId)).toEqual([7, 7, 7]);
  });

  it('that was approved keeps its time when somebody signs in and approves nothing (R103)', async () => {
    const { client, person } = await connect(server);

    await person.browser.open(client.authorizationRequest().url.href);

    expect(await daysLeft(client.clientId)).toEqual([61, 61, 61]);
    // What says that it is used, or it would make room for new ones before its time.
    const uses = await recordsOf(kept, 'registration-use');
    const use = uses.find(({ key }) => key.endsWith(`{${client.clientId}}`));
    expect(Math.round(Number(use?.secondsLeft) / days(1))).toBe(61);
  });

  it('keeps the lifetime that it has earned when it is changed (RFC 7592 §2.2)', async () => {
    const { client } = await connect(server);
    const unused = await registerClient(server.issuer);

    expect(await manage('PUT', client.registration, { client_name: 'Another name' })).toBe(200);
    expect(await manage('PUT', unused.registration, { client_name: 'Another name' })).toBe(200);

    expect(await daysLeft(client.clientId)).toEqual([61, 61, 61]);
    expect(await daysLeft(unused.clientId)).toEqual([1, 1, 1]);
  });

  it('takes many changes at once, and keeps its lifetime', async () => {
    const { registration } = await registerClient(server.issuer);
    const names = Array.from({ length: 10 }, (_each, index) => `Name ${index}`);

    const answers = await Promise.all(names.map((client_name) => manage('PUT', registration, { client_name })));

    expect(new Set(answers)).toEqual(new Set([200]));
    expect((await daysLeft(String(registration.client_id)))[0]).toBe(1);
  });

  it('leaves nothing behind when it is ended (RFC 7592 §2.3)', async () => {
    const { client } = await connect(server);

    expect(await manage('DELETE', client.registration)).toBe(204);

    expect(await daysLeft(client.clientId)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('a registration', () => {
  const { clock, pass } = createTestClock();
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ parts: { clock } });
  });
  afterAll(() => server.close());

  it('works until its day is over, and is unknown then (R29, R86)', async () => {
    const client = await registerClient(server.issuer);
    pass(days(1) - 1);
    expect(await manage('GET', client.registration)).toBe(200);
    pass(1);
    expect(await client.refresh('anything')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await manage('GET', client.registration)).toBe(401);
  });

  it('of a tool whose person came back the next day is known still (R103)', async () => {
    const lifetimes = { interaction: 3, registrationUnused: 4, refreshToken: 5, accessToken: 3, refreshGrace: 1 };
    await using brief = await startServer({ policy: { lifetimes }, parts: { clock } });
    const client = await registerClient(brief.issuer);
    const { browser } = createPerson(brief.origin);
    pass(3);
    const page = await browser.open(client.authorizationRequest().url.href);
    await browser.submit(page, '/sign-in', { email: 'demo@example.com', password: 'demo-password' });
    pass(3);

    const later = await browser.open(client.authorizationRequest().url.href);

    const goesOn = later.html.includes('Choose an organization');
    expect({ status: later.status, goesOn }).toEqual({ status: 200, goesOn: true });
  });

  it('of a client that renews each week is known for a year, and thirty days after its last token (R31)', async () => {
    const { client, refreshToken } = await connect(server);
    let token = refreshToken;
    for (let week = 0; week < 52; week += 1) {
      pass(days(7));
      token = (await client.refresh(token)).body.refresh_token ?? '';
    }

    pass(days(60) - 1);
    // Known still: so the person signs in again, and the tool need not register (R31).
    expect(await client.refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await manage('GET', client.registration)).toBe(200);
    pass(days(2));
    expect(await client.refresh(token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('of a client that renews each hour never falls behind its refresh token (R31)', async () => {
    const { client, refreshToken } = await connect(server);
    let token = refreshToken;
    for (let hour = 0; hour < 50; hour += 1) {
      pass(3600);
      token = (await client.refresh(token)).body.refresh_token ?? '';
    }

    pass(days(60) - 1);
    expect(await client.refresh(token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});
