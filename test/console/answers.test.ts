import { describe, expect, it } from '@jest/globals';
import { maxBodyBytes } from '../../src/console/index.ts';
import { fresh } from '../support/shared.ts';
import {
  acceptance,
  asked,
  credential,
  documentedStatuses,
  errorsOf,
  issuer,
  sent,
  theEndpoints,
} from './endpoints.ts';
import { aClock } from './storage.ts';

const here = fresh(async () => {
  const clock = aClock();
  const endpoints = theEndpoints({ clock });
  const challenge = await endpoints.createChallenge({ prompt: 'login', max_age: 300, organization: 'acme' });
  return { ...endpoints, clock, challenge };
});

const about = (body: unknown, more: object = {}) => sent(body, { challenge: here.challenge, ...more });
const accept = (body: unknown, more = {}) => here.endpoints.acceptChallenge(about(body, more));
const reject = (body: unknown) => here.endpoints.rejectChallenge(about(body));
const describeTo = (more: object = {}) => here.endpoints.describeChallenge(about('', more));

/** Where an acceptance sends the browser. */
const wayBack = async () => new URL(((await accept(acceptance)).body as { redirect_to: string }).redirect_to);

describe('a challenge that is asked about', () => {
  it('says who asks, without a credential and without a word about a person', async () => {
    const { status, headers, body } = await describeTo({ authorization: undefined });
    const rules = { prompt: 'login', max_age: 300, organization: 'acme' };
    expect([status, headers['Cache-Control']]).toEqual([200, 'no-store']);
    expect(body).toEqual({ ...asked, ...rules, expires_at: here.clock.seconds() + 600 });
  });

  it('is 404 when nobody made it, and 410 when it has expired', async () => {
    expect(await describeTo({ challenge: 'x' })).toMatchObject({ status: 404 });
    here.clock.move(600);
    expect(await describeTo()).toMatchObject({ status: 410, body: { error: 'expired' } });
  });
});

describe('an acceptance', () => {
  const least = { account: { id: 'u_1' }, auth_time: 1_795_827_672 };
  const identifier = 'must be 1 to 255 visible ASCII characters, and neither "." nor ".."';

  it('answers where to send the browser, within a minute', async () => {
    const { status, headers, body } = await accept(acceptance);
    const begins = RegExp.escape(`${issuer}/oauth/interaction/interaction-1/return?ticket=`);
    const redirect_to = expect.stringMatching(new RegExp(`^${begins}[A-Za-z0-9_-]{43}$`));
    expect([status, headers['Cache-Control'], headers['Referrer-Policy']]).toEqual([200, 'no-store', 'no-referrer']);
    expect(body).toEqual({ redirect_to, expires_in: 60 });
  });

  it('needs no more than an account and a time', async () => {
    expect(await accept(least)).toMatchObject({ status: 200 });
  });

  it('comes back with everything that the console said', async () => {
    const ticket = (await wayBack()).searchParams.get('ticket') ?? '';
    expect(await here.challenges.redeem(ticket, 'interaction-1')).toMatchObject({ kind: 'accepted', body: acceptance });
  });

  it('repeated for the same account makes another ticket', async () => {
    const [one, other] = [await accept(acceptance), await accept({ ...acceptance, name: undefined })];
    expect(other.status).toBe(200);
    expect(other.body).not.toEqual(one.body);
  });

  it.each([
    ['404 for a challenge that nobody made', { challenge: 'A'.repeat(43) }, 404],
    ['401 without a credential', { authorization: undefined }, 401],
    ['401 with a wrong one', { authorization: `${credential}x` }, 401],
    ['415 in another content type', { contentType: 'text/plain' }, 415],
    ['415 as a form, which any page could send', { contentType: 'application/x-www-form-urlencoded' }, 415],
    ['415 without a content type', { contentType: undefined }, 415],
    ['200 with a charset', { contentType: 'application/json; charset=utf-8' }, 200],
  ])('is %s', async (_name, more, status) => expect(await accept(acceptance, more)).toMatchObject({ status }));

  it('is 409 for somebody else, 410 when it has expired', async () => {
    await accept(acceptance);
    expect(await accept({ ...acceptance, account: { id: 'u_2' } })).toMatchObject({ status: 409 });
    here.clock.move(600);
    expect(await accept(acceptance)).toMatchObject({ status: 410 });
  });

  it('is 429 when the console makes too many', async () => {
    const answer = await theEndpoints({ delay: 7 }).endpoints.acceptChallenge(about(acceptance));
    expect(answer).toMatchObject({ status: 429, headers: { 'Retry-After': '7' } });
  });

  it.each([
    ['not JSON', '{"account":', 400],
    ['nothing', '', 400],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
    ['a list', '[]', 422],
    ['null', 'null', 422],
    ['65,536 bytes of nesting', '['.repeat(32_768) + ']'.repeat(32_768), 422],
    ['nesting in a member', `{"account":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)},"auth_time":1}`, 422],
  ])('is refused when its body is %s', async (_name, body, status) => {
    expect(await accept('', { body: Buffer.from(body) })).toMatchObject({ status });
  });

  it('may have 64 KiB and not a byte more', async () => {
    const padded = (length: number) => JSON.stringify(acceptance).padEnd(length);
    expect(await accept(padded(maxBodyBytes.answer))).toMatchObject({ status: 200 });
    expect(await accept(padded(maxBodyBytes.answer + 1))).toMatchObject({ status: 413 });
  });

  it.each([
    [{}, ['account is missing', 'auth_time is missing']],
    [
      { account: {}, auth_time: 'now', amr: 'pwd' },
      [
        'account.id is missing',
        'auth_time must be a whole number of seconds since the epoch',
        'amr must be a list of texts',
      ],
    ],
    [
      { account: { id: '..', email_verifed: true, name: 7 }, auth_time: 1_795_827_672_000 },
      [
        ...[`account.id ${identifier}`, 'account.name must be a text', 'account.email_verifed is not a known member'],
        'auth_time must be seconds since the epoch, not milliseconds',
      ],
    ],
    [
      { ...least, account: { id: 'u_1', name: 'A\nB' }, amr: [1], organization: '' },
      ['account.name must not contain control characters', 'amr[0] must be a text', `organization ${identifier}`],
    ],
    [{ ...least, auth_time: 1_795_900_000 }, ['auth_time lies in the future: is the clock of the console right?']],
  ])('names every member that is wrong (%#)', async (body, errors) => {
    const response = await accept(body);
    expect([response.status, errorsOf(response)]).toEqual([422, errors]);
  });

  it('cannot pollute a prototype', async () => {
    const response = await accept('{"account":{"id":"u_1"},"auth_time":1795827672,"__proto__":{"isAdmin":true}}');
    expect(errorsOf(response)).toEqual(['__proto__ is not a known member']);
    expect(Object.prototype).not.toHaveProperty('isAdmin');
  });
});

describe('a rejection', () => {
  it('answers where to send the browser, too', async () => {
    const { status, body } = await reject({ error: 'access_denied', message: 'No.' });
    expect([status, body]).toEqual([200, { redirect_to: expect.stringContaining('/return?ticket='), expires_in: 60 }]);
  });

  it('says access_denied and nothing else', async () => {
    expect(errorsOf(await reject({ error: 'server_error', reason: 'x' }))).toEqual([
      'error must be access_denied',
      'reason is not a known member',
    ]);
  });
});

describe('every answer of the console', () => {
  it('is an audit event with its address', async () => {
    await accept(acceptance);
    await accept({ ...acceptance, account: { id: 'u_2' } });
    await accept(acceptance, { authorization: undefined });
    await reject({ error: 'access_denied' });
    const refused = { event: 'console.refused', address: '192.0.2.7' };
    expect(here.audit).toEqual([
      { event: 'console.accepted', address: '192.0.2.7', status: 200, accountId: 'u_1' },
      { ...refused, status: 409, accountId: 'u_2' },
      { ...refused, status: 401 },
      { ...refused, status: 409 },
    ]);
  });

  it('has a status that the OpenAPI document knows', () => {
    const statuses = [200, 400, 401, 404, 409, 410, 413, 415, 422, 429, 503];
    expect(documentedStatuses('acceptChallenge')).toEqual(statuses);
    expect(documentedStatuses('rejectChallenge')).toEqual(statuses);
    expect(documentedStatuses('describeChallenge')).toEqual([200, 404, 410, 503]);
    expect(documentedStatuses('sendEvents')).toEqual([200, 400, 401, 413, 415, 422, 429, 503]);
  });

  it('never leaves the origin of the issuer, whatever the interaction is called', async () => {
    expect((await wayBack()).origin).toBe(new URL(issuer).origin);
  });
});
