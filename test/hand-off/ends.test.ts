import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { eventually } from '../support/eventually.ts';
import { shared } from '../support/shared.ts';
import { theHandOffWithGateway } from './gateway.ts';
import { account, aPersonOf, now } from './hand-off.ts';

/** What ends at the console ends here, and is refused at a gateway that follows the feed. */
const here = shared(theHandOffWithGateway);

const event = (type: string, more: object) => ({ id: randomUUID(), type, at: now(), ...more });
const tell = async (...events: object[]) => (await here.call('events', events)).status;

/** Long before it would have been over. */
const isRefused = (accessToken: unknown) => eventually(async () => (await here.statusOf(accessToken)) === 401);

async function connected(email: string) {
  const tokens = await aPersonOf(here).connects(email);
  expect(await here.statusOf(tokens.access_token)).toBe(200);
  return tokens;
}

describe('an event of the console', () => {
  it.each([
    ['membership.ended', { account: 'u_2', organization: 'o_7' }],
    ['account.disabled', { account: 'u_2' }],
    ['account.deleted', { account: 'u_2' }],
    ['organization.deleted', { organization: 'o_7' }],
  ])('%s ends the connections that it is about, and no other', async (type, about) => {
    const [ended, other] = [await connected('grace@example.com'), await connected('edsger@example.com')];
    expect(await tell(event(type, about))).toBe(200);
    await isRefused(ended.access_token);
    expect((await here.tool.refresh(String(ended.refresh_token))).body.error).toBe('invalid_grant');
    expect(await here.statusOf(other.access_token)).toBe(200);
    expect((await here.tool.refresh(String(other.refresh_token))).status).toBe(200);
  });

  it('is refused at the gateway within a second', async () => {
    // Once is enough: whatever keeps the promise for one person keeps it for all, and this machine has other things to do.
    await eventually(async () => {
      const { access_token: token } = await connected('grace@example.com');
      const begun = performance.now();
      await tell(event('membership.ended', { account: 'u_2', organization: 'o_7' }));
      await isRefused(token);
      return performance.now() - begun < 1000;
    });
  });

  it('role.changed ends the tokens that say the role of before; the tool renews them at once', async () => {
    const before = await connected('grace@example.com');
    here.people.changeRole('u_2', 'o_7', 'viewer');
    expect(await tell(event('role.changed', { account: 'u_2', organization: 'o_7' }))).toBe(200);
    await isRefused(before.access_token);
    const { status, body } = await here.tool.refresh(String(before.refresh_token));
    expect([status, decodeJwt(String(body.access_token)).org_role]).toEqual([200, 'viewer']);
    expect(body.scope).not.toContain('project:create');
    expect(await here.statusOf(body.access_token)).toBe(200);
    here.people.changeRole('u_2', 'o_7', 'member');
    await tell(event('role.changed', { account: 'u_2', organization: 'o_7' }));
    await isRefused(body.access_token);
  });

  it('account.signed_out ends what is signed in here, and no connection', async () => {
    const person = aPersonOf(here);
    const tokens = await person.connects('grace@example.com');
    expect((await person.opens(account)).url.pathname).toBe(account);
    expect(await tell(event('account.signed_out', { account: 'u_2' }))).toBe(200);
    expect((await person.atServer.open(account)).url.origin).toBe(here.consoleOrigin);
    expect((await here.tool.refresh(String(tokens.refresh_token))).status).toBe(200);
  });

  it('account.signed_out during a flow leads to the console once more, and from there on, not round and round', async () => {
    const person = aPersonOf(here);
    const consent = await person.comesIn(await person.reachesConsole(), 'grace@example.com');
    await tell(event('account.signed_out', { account: 'u_2' }));
    const asked = await person.approves(consent);
    expect(asked.html).toContain('You have to sign in again');
    const again = await person.opens(`${asked.url.pathname}?account=same`);
    expect(again.html).toContain('Authorize');
    expect((await person.approves(again)).url.searchParams.get('code')).toEqual(expect.any(String));
  });

  it('that comes again does nothing', async () => {
    const first = event('membership.ended', { account: 'u_2', organization: 'o_7' });
    await tell(first);
    const tokens = await connected('grace@example.com');
    expect(await tell(first)).toBe(200);
    expect((await here.tool.refresh(String(tokens.refresh_token))).status).toBe(200);
  });
});

it('somebody whom an owner removes in the console is refused at the gateway, and at the next refresh', async () => {
  const tokens = await connected('grace@example.com');
  const ada = aPersonOf(here);
  const home = await ada.signsIn(await ada.atConsole.open('/'), 'ada@example.com');
  await ada.does(home, '/members/remove');
  await isRefused(tokens.access_token);
  expect((await here.tool.refresh(String(tokens.refresh_token))).body.error).toBe('invalid_grant');
});

it('a member who has left, of whom no event says so, is refused at the next refresh', async () => {
  const tokens = await connected('edsger@example.com');
  here.people.remove('u_3', 'o_8');
  // What the directory said a moment ago counts for a second.
  let refreshToken = String(tokens.refresh_token);
  await eventually(async () => {
    const { body } = await here.tool.refresh(refreshToken);
    refreshToken = body.refresh_token ?? refreshToken;
    return body.error === 'invalid_grant';
  });
});
