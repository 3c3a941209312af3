import { expect } from '@jest/globals';
import { registerClient } from '../support/relying-party.ts';
import type { BehaviourLab } from './behaviour-lab.ts';
import { also, type Behaviour, basic, difference, invalidClient, invalidGrant, line, postToken } from './behaviours.ts';

const active = async ({ post }: BehaviourLab, client_id: string, token: string) =>
  (await post('introspect', { client_id, token })).body.active;

/** A connection of a client that has a secret, whose registration named a way to send it. */
async function confidential(lab: BehaviourLab) {
  const { client, request } = await lab.code(postToken);
  const { body } = await client.post('token', request);
  return { client, refreshToken: body.refresh_token ?? '' };
}

export const refreshBehaviours: readonly Behaviour[] = [
  difference(
    'refresh rotates; one retry with the old; after its acknowledgement the old is refused',
    'within the grace a replay gets the newest token: whose answers are lost is not signed out (R65)',
    async ({ connected }) => {
      const { client, refreshToken: first } = await connected();
      const renewed = async (token: string) => (await client.refresh(token)).body.refresh_token ?? '';
      const second = await renewed(first);
      const retried = await renewed(first);
      const third = await renewed(second);
      expect(new Set([first, second, third]).size).toBe(3);
      expect({ retried, late: await renewed(first) }).toEqual({ retried: second, late: third });
    },
  ),
  line('narrower at refresh, never wider', async ({ connected }) => {
    const { client, refreshToken } = await connected('project:read project:create');
    const narrowed = await client.refresh(refreshToken, { scope: 'project:read' });
    const next = narrowed.body.refresh_token ?? '';
    const widened = await client.refresh(next, { scope: 'project:read project:delete' });
    expect([narrowed.body.scope, widened.body.scope]).toEqual(['project:read', 'project:read']);
  }),
  difference(
    'narrower at code exchange (scope at token endpoint)',
    '`scope` at the code exchange is not read: RFC 6749 §4.1.3 has none',
    async (lab) => {
      const { client, request } = await lab.code({}, { scope: 'project:read project:create' });
      const { body } = await client.post('token', { ...request, scope: 'project:read' });
      expect(body.scope).toBe('project:read project:create');
    },
  ),
];

export const revocationBehaviours: readonly Behaviour[] = [
  difference(
    'revocation refuses a mismatched authentication method',
    'Basic and post are taken alike (R58); no secret at all is refused',
    async (lab) => {
      const { client, refreshToken: token } = await confidential(lab);
      expect(await lab.post('revoke', { token, client_id: client.clientId })).toMatchObject(invalidClient);
      expect((await client.refresh(token)).status).toBe(200);
      expect((await lab.post('revoke', { token }, basic(client))).status).toBe(200);
      expect(await client.refresh(token)).toMatchObject(invalidGrant);
    },
  ),
  line('revocation with wrong secret refused, then revoked', async (lab) => {
    const { client, refreshToken: token } = await confidential(lab);
    expect(await client.post('revoke', { token, client_secret: 'wrong' })).toMatchObject(invalidClient);
    const renewed = (await client.refresh(token)).body.refresh_token ?? '';
    expect((await client.post('revoke', { token: renewed })).status).toBe(200);
    expect(await client.refresh(renewed)).toMatchObject(invalidGrant);
  }),
  line('revoke access token only', async (lab) => {
    const { client, accessToken, refreshToken } = await lab.connected();
    expect(await active(lab, client.clientId, accessToken)).toBe(true);
    expect((await client.post('revoke', { token: accessToken })).status).toBe(200);
    expect(await active(lab, client.clientId, accessToken)).toBe(false);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  }),
  line('revoke refresh token ends all', async (lab) => {
    const { client, accessToken, refreshToken } = await lab.connected();
    expect((await client.post('revoke', { token: refreshToken })).status).toBe(200);
    expect(await active(lab, client.clientId, accessToken)).toBe(false);
    expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
  }),
  line('another client revokes nothing, 200', async (lab) => {
    const { client, accessToken, refreshToken } = await lab.connected();
    const other = await registerClient(lab.issuer);
    for (const token of [accessToken, refreshToken]) expect((await other.post('revoke', { token })).status).toBe(200);
    expect(await active(lab, client.clientId, accessToken)).toBe(true);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  }),
];

export const challengeBehaviours: readonly Behaviour[] = [
  line('offline_access only in AS metadata', async ({ metadata, resourceMetadata }) => {
    const offline = expect.arrayContaining(['offline_access']);
    expect(await metadata()).toMatchObject({ scopes_supported: offline });
    expect(await resourceMetadata()).toMatchObject({
      scopes_supported: expect.not.arrayContaining(['offline_access']),
    });
  }),
  also(
    'bare Bearer challenge, no error',
    ['401 challenge no-store', 'challenge links PRM', 'challenge names scope'],
    async ({ call, origin, issuer }) => {
      const { status, challenge, cache } = await call('list_projects');
      expect({ status, cache }).toEqual({ status: 401, cache: 'no-store' });
      const path = new URL(issuer).pathname.replace(/\/$/, '');
      expect(challenge).toContain(`resource_metadata="${origin}/.well-known/oauth-protected-resource${path}"`);
      expect(challenge).toMatch(/^Bearer (?!.*\berror=).*\bscope="[^"]*project:read[^"]*"/);
    },
  ),
  line('malformed bearer: invalid_token', async ({ call }) => {
    const challenge = expect.stringContaining('error="invalid_token"');
    expect(await call('list_projects', 'Bearer malformed')).toMatchObject({ status: 401, challenge });
  }),
  line('PRM at path-specific URL', async ({ resourceMetadata, issuer }) => {
    expect(await resourceMetadata()).toMatchObject({ resource: issuer, authorization_servers: [issuer] });
  }),
  line('403 insufficient_scope with scopes and resource_metadata', async ({ call, connected }) => {
    const { accessToken } = await connected('project:read');
    const { status, challenge } = await call('create_project', `Bearer ${accessToken}`);
    expect(status).toBe(403);
    for (const each of ['error="insufficient_scope"', /\bscope="[^"]*project:create[^"]*"/, 'resource_metadata="'])
      expect(challenge).toMatch(each);
  }),
];
