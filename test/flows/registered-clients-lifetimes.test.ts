import { describe, expect, it } from '@jest/globals';
import { createTestClock, days } from '../support/clock.ts';
import { connect } from '../support/connect.ts';
import { manage, refusal } from '../support/endpoints.ts';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const manages = async (...asked: Parameters<typeof manage>) => (await manage(...asked)).status;

describe.each(Object.keys(testStores) as TestStoreKind[])('a registration kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));

  const ofClient = async (kind: string, id: string) =>
    (await recordsOf(kept, kind)).find(({ key }) => key.endsWith(`{${id}}`));
  /** Days that the records of one client still have. */
  async function daysLeft({ clientId }: RelyingParty) {
    const client = await ofClient('client', clientId);
    const index = await ofClient('registration-tokens', clientId);
    const token = (await recordsOf(kept, 'registration-access-token')).find(({ key }) => index?.value.includes(key));
    return [client, index, token].map((record) => Math.round(Number(record?.secondsLeft) / 86.4) / 1000);
  }
  const expectDays = async (client: RelyingParty, left: number) =>
    expect(await daysLeft(client)).toEqual([left, left, left]);

  it('that nobody approved is gone after a day, with all that belongs to it (R86)', async () =>
    expectDays(await registerClient(server.issuer), 1));

  it('that was approved outlives its refresh token by thirty days and more (R31)', async () =>
    expectDays((await connect(server)).client, 61));

  it('that somebody declined without signing in is gone after a day (R86)', async () => {
    const client = await registerClient(server.issuer);
    await createPerson(server.origin).approves(client.authorizationRequest().url, { declines: true });
    await expectDays(client, 1);
  });

  const people = ['demo@example.com', 'new@example.com'];
  it.each(people)('for which %s signed in, and approved nothing, is known for a week (R103)', async (email) => {
    const client = await registerClient(server.issuer);
    const { browser } = createPerson(server.origin);
    const page = await browser.open(client.authorizationRequest().url.href);
    await browser.submit(page, '/sign-in', { email, password: 'wrong' });
    await expectDays(client, 1);

    await browser.submit(page, '/sign-in', { email, password: 'demo-password' });
    await expectDays(client, 7);
  });

  it('is known for a week, too, when who looks at it was signed in already (R103)', async () => {
    const { person } = await connect(server);
    const client = await registerClient(server.issuer);
    await person.browser.open(client.authorizationRequest().url.href);
    await expectDays(client, 7);
  });

  it('that was approved keeps its time when somebody signs in and approves nothing (R103)', async () => {
    const { client, person } = await connect(server);
    await person.browser.open(client.authorizationRequest().url.href);
    await expectDays(client, 61);
    // What says that it is used, or it would make room for new ones before its time.
    const use = await ofClient('registration-use', client.clientId);
    expect(Math.round(Number(use?.secondsLeft) / days(1))).toBe(61);
  });

  it('keeps the lifetime that it has earned when it is changed (RFC 7592 §2.2)', async () => {
    const { client } = await connect(server);
    const unused = await registerClient(server.issuer);
    for (const each of [client, unused]) expect(await manages(each, 'PUT', { client_name: 'Another name' })).toBe(200);
    await expectDays(client, 61);
    await expectDays(unused, 1);
  });

  it('takes many changes at once, and keeps its lifetime', async () => {
    const client = await registerClient(server.issuer);
    const names = Array.from({ length: 10 }, (_each, index) => `Name ${index}`);
    const answers = await Promise.all(names.map((client_name) => manages(client, 'PUT', { client_name })));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect((await daysLeft(client))[0]).toBe(1);
  });

  it('leaves nothing behind when it is ended (RFC 7592 §2.3)', async () => {
    const { client } = await connect(server);
    expect(await manages(client, 'DELETE')).toBe(204);
    await expectDays(client, Number.NaN);
  });
});

describe('a registration', () => {
  const { clock, pass } = createTestClock();
  const server = shared(() => startServer({ parts: { clock } }));

  /** Known still: so the person signs in again, and the tool need not register (R31). */
  const knownClient = refusal(400, 'invalid_grant');
  const unknownClient = refusal(401, 'invalid_client');

  it('works until its day is over, and is unknown then (R29, R86)', async () => {
    const client = await registerClient(server.issuer);
    pass(days(1) - 1);
    expect(await manages(client, 'GET')).toBe(200);
    pass(1);
    expect(await client.refresh('anything')).toMatchObject(unknownClient);
    expect(await manages(client, 'GET')).toBe(401);
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
    expect(later).toMatchObject({ status: 200, html: expect.stringContaining('Choose an organization') });
  });

  async function renewEach(seconds: number, times: number) {
    const { client, refreshToken } = await connect(server);
    let token = refreshToken;
    for (let time = 0; time < times; time += 1) {
      pass(seconds);
      token = (await client.refresh(token)).body.refresh_token ?? '';
    }
    return { client, token };
  }

  it('of a client that renews each week is known for a year, and thirty days after its last token (R31)', async () => {
    const { client, token } = await renewEach(days(7), 52);
    pass(days(60) - 1);
    expect(await client.refresh(token)).toMatchObject(knownClient);
    expect(await manages(client, 'GET')).toBe(200);
    pass(days(2));
    expect(await client.refresh(token)).toMatchObject(unknownClient);
  });

  it('of a client that renews each hour never falls behind its refresh token (R31)', async () => {
    const { client, token } = await renewEach(3600, 50);
    pass(days(60) - 1);
    expect(await client.refresh(token)).toMatchObject(knownClient);
  });
});
