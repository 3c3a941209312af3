import { describe, expect, it } from '@jest/globals';
import { approve } from '../support/approval.ts';
import { connect } from '../support/connect.ts';
import { refusal } from '../support/endpoints.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const refused = refusal(400, 'invalid_grant');
const nothing = { status: 200, body: {} };

describe.each(Object.keys(testStores) as TestStoreKind[])('revoking a refresh token, kept in %s (RFC 7009)', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));

  it('ends the connection and leaves nothing of it behind (RFC 7009 §2.1, R82)', async () => {
    const { client, refreshToken, claims } = await connect(server);

    const { status, body } = await client.post('revoke', { token: refreshToken });
    expect({ status, body }).toEqual(nothing);
    expect(await client.refresh(refreshToken)).toMatchObject(refused);
    const left = (await kept.records()).filter(({ key, value }) => (key + value).includes(String(claims.grant_id)));
    // The browser's session still names the grant it was asked for, and the code that was used stays for its ten minutes;
    // neither opens anything.
    const opening = left.filter(({ key }) => !/(^|:)(session|authorization-code):/.test(key));
    expect(opening.map(({ key }) => key)).toEqual([]);
  });

  it.each([
    ['the right hint', 'refresh_token'],
    ['a wrong hint', 'access_token'],
    ['a hint nobody knows', 'anything'],
  ])('needs no hint and is not misled by %s (RFC 7009 §2.1)', async (_name, hint) => {
    const { client, refreshToken } = await connect(server);

    expect((await client.post('revoke', { token: refreshToken, token_type_hint: hint })).status).toBe(200);
    expect(await client.refresh(refreshToken)).toMatchObject(refused);
  });

  it('ends the connection also by a token that was rotated away within the grace', async () => {
    const { client, refreshToken } = await connect(server);
    const { body } = await client.refresh(refreshToken);

    expect((await client.post('revoke', { token: refreshToken })).status).toBe(200);
    expect(await client.refresh(body.refresh_token ?? '')).toMatchObject(refused);
  });

  it('ends no other connection of the same client and person', async () => {
    const { client, person, refreshToken } = await connect(server);
    const other = await (await approve(client, person, { organization: 'globex' })).redeem();
    await client.post('revoke', { token: refreshToken });

    expect((await client.refresh(other.body.refresh_token ?? '')).status).toBe(200);
  });

  it('answers 200 for one that was revoked already (RFC 7009 §2.2)', async () => {
    const { client, refreshToken } = await connect(server);
    await client.post('revoke', { token: refreshToken });

    expect(await client.post('revoke', { token: refreshToken })).toMatchObject(nothing);
  });

  const byAnother = async (token: string) => ({ token, ...(await registerClient(server.issuer)).identity });
  it.each<[string, (token: string) => Record<string, string> | Promise<Record<string, string>>, object]>([
    ['of another token, that nobody issued (RFC 7009 §2.2)', () => ({ token: 'nobody-issued-this' }), nothing],
    ['of another client, which learns of none (RFC 7009 §2.1)', byAnother, nothing],
    ['of a client nobody knows (R29)', (token) => ({ token, client_id: 'dyn-nobody' }), refusal(401, 'invalid_client')],
    ['without a token (RFC 7009 §2.1)', () => ({}), refusal(400, 'invalid_request')],
  ])('does nothing at a request %s', async (_name, parameters, answer) => {
    const { client, refreshToken } = await connect(server);

    const { status, body } = await client.post('revoke', await parameters(refreshToken));

    expect({ status, body }).toMatchObject(answer);
    if (answer === nothing) expect(body).toEqual({});
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('leaves nothing of a connection that ended by a replayed code', async () => {
    const { client, person } = await connect(server);
    const { redeem } = await approve(client, person);
    await redeem();
    const before = (await recordsOf(kept, 'connection')).length;

    await redeem();

    expect((await recordsOf(kept, 'connection')).length).toBe(before - 1);
  });
});
