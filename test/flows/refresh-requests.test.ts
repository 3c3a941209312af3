import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Connected, connect } from '../support/connect.ts';
import { postForm } from '../support/endpoints.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);
const other = shared(() => connect(server));

const notGranted = { error: 'invalid_grant', error_description: 'grant request is invalid - restart authorization' };
const missing = { error: 'invalid_request', error_description: "missing required parameter 'refresh_token'" };

const unknown = 'refresh token not found: not made by this server';
const refused = (status: number, error: string) => [status, expect.objectContaining({ error })];

/** What is presented in place of the right parameters; the answer; and what only the log says. */
type Change = (mine: Connected) => Record<string, string[]>;
const twice: Change = ({ refreshToken }) => ({ refresh_token: [refreshToken, refreshToken] });
const ofOther: Change = () => ({ refresh_token: [other.refreshToken] });
const guessed: Change = ({ claims }) => ({ refresh_token: [`${claims.grant_id}.guessed`] });

const refusals: readonly (readonly [string, Change, readonly unknown[], string])[] = [
  ['without a refresh token (RFC 6749 §5.2)', () => ({ refresh_token: [] }), [400, missing], ''],
  ['with a parameter that is there twice (RFC 6749 §3.2)', twice, refused(400, 'invalid_request'), ''],
  ['of a client that nobody knows', () => ({ client_id: ['dyn-nobody'] }), refused(401, 'invalid_client'), ''],
  ...['nobody-issued-this', 'some-grant.', 'some-grant.some-secret'].map((token) => {
    const change = () => ({ refresh_token: [token] });
    return [`with "${token}", that nobody issued`, change, [400, notGranted], unknown] as const;
  }),
  ['with the token of another client (RFC 6749 §6)', ofOther, [400, notGranted], 'client mismatch'],
  ['with the right grant and another secret', guessed, refused(400, 'invalid_grant'), ''],
  ...['https://other.example/mcp', 'not a uri'].map(
    (uri) => [`for ${uri} (R62)`, () => ({ resource: [uri] }), refused(400, 'invalid_target'), ''] as const,
  ),
];

describe('a refresh', () => {
  it.each(refusals)('%s is refused, and costs the token nothing', async (_name, change, answer, detail) => {
    const mine = await connect(server);
    const { client, refreshToken } = mine;
    const right = { grant_type: ['refresh_token'], client_id: [client.clientId], refresh_token: [refreshToken] };
    const parameters = Object.entries({ ...right, ...change(mine) });
    const form = new URLSearchParams(
      parameters.flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
    );

    const { status, body } = await postForm(server.issuer, 'token', String(form));
    // What has a description in the table is answered by that and no more.
    expect([status, body]).toEqual(answer);
    const logged = server.logLines.filter(({ event, client: id }) => event === 'grant.error' && id === client.clientId);
    if (detail) expect(logged.at(-1)?.detail).toBe(detail);
    const next = await client.refresh(refreshToken);
    expect(next.status).toBe(200);
    // Not even within the grace: it was never taken.
    expect(await client.refresh(refreshToken)).toMatchObject({ body: { refresh_token: next.body.refresh_token } });
    expect((await other.client.refresh(other.refreshToken)).status).toBe(200);
  });
});

describe('scope at a refresh (RFC 6749 §6, R69)', () => {
  const granted = 'project:read project:create';
  it.each([
    ['a part', 'project:read', 'project:read'],
    ['all', granted, granted],
    ['more than was granted', 'project:read project:delete table:read', 'project:read'],
    ['more, with offline_access', `${granted} offline_access`, granted],
    ['a wildcard', 'project:*', granted],
    ['nothing that was granted', 'mcp:tools', granted],
    ['a part, between blanks', '  project:read ', 'project:read'],
    ['an empty text', '', granted],
  ])('that names %s gives what was granted of it, and narrows this token alone', async (_name, scope, given) => {
    const { client, refreshToken } = await connect(server, { request: { scope: granted } });

    const { status, body } = await client.refresh(refreshToken, { scope });

    expect({ status, scope: body.scope }).toEqual({ status: 200, scope: given });
    expect(decodeJwt(body.access_token ?? '').scope).toBe(given);
    expect((await client.refresh(String(body.refresh_token))).body.scope).toBe(granted);
  });

  it.each([
    'openid email profile',
    'openid',
    'offline_access',
    'openid email profile offline_access',
    'openid mcp:tools',
    'openid table:delete',
  ])('that names no permission, like %s, gives all that was granted (R35, R69)', async (scope) => {
    const request = { scope: 'openid email profile offline_access' };
    const { client, refreshToken, claims } = await connect(server, { request });

    const { body } = await client.refresh(refreshToken, { scope });

    expect(decodeJwt(body.access_token ?? '').scope).toBe(claims.scope);
    expect(String(body.scope).split(' ')).toEqual(expect.arrayContaining(String(claims.scope).split(' ')));
  });

  it.each(['project:read offline_access', 'project:read'])(
    'is "%s" in both answers when that was asked for, and offline_access never in the token (R36, R61)',
    async (scope) => {
      const { answer, claims, client, refreshToken } = await connect(server, { request: { scope } });
      const next = await client.refresh(refreshToken);
      expect([answer.body.scope, next.body.scope, claims.scope]).toEqual([scope, scope, 'project:read']);
    },
  );
});
