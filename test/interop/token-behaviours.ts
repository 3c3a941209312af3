import { expect } from '@jest/globals';
import { registerClient } from '../support/relying-party.ts';
import type { BehaviourLab } from './behaviour-lab.ts';
import type { Behaviour } from './behaviours.ts';

const active = async ({ post }: BehaviourLab, client_id: string, token: string) =>
  (await post('introspect', { client_id, token })).body.active;

/** A connection of a client that has a secret, whose registration named a way to send it. */
async function confidential(lab: BehaviourLab) {
  const { client, request } = await lab.code({ token_endpoint_auth_method: 'client_secret_post' });
  const { body } = await client.post('token', request);
  return { client, refreshToken: body.refresh_token ?? '' };
}

export const refreshBehaviours: readonly Behaviour[] = [
  {
    line: 'refresh rotates; one retry with the old; after its acknowledgement the old is refused',
    differs: 'within the grace a replay gets the newest token: whose answers are lost is not signed out (R65)',
    async holds({ connected }) {
      const { client, refreshToken: first } = await connected();
      const second = (await client.refresh(first)).body.refresh_token ?? '';
      const retried = (await client.refresh(first)).body.refresh_token;
      const third = (await client.refresh(second)).body.refresh_token;
      const late = (await client.refresh(first)).body.refresh_token;
      expect(new Set([first, second, third]).size).toBe(3);
      expect({ retried, late }).toEqual({ retried: second, late: third });
    },
  },
  {
    line: 'narrower at refresh, never wider',
    async holds({ connected }) {
      const { client, refreshToken } = await connected('project:read project:create');
      const narrowed = await client.refresh(refreshToken, { scope: 'project:read' });
      const next = narrowed.body.refresh_token ?? '';
      const widened = await client.refresh(next, { scope: 'project:read project:delete' });
      expect([narrowed.body.scope, widened.body.scope]).toEqual(['project:read', 'project:read']);
    },
  },
  {
    line: 'narrower at code exchange (scope at token endpoint)',
    differs: '`scope` at the code exchange is not read: RFC 6749 §4.1.3 has none',
    async holds(lab) {
      const { client, request } = await lab.code({}, { scope: 'project:read project:create' });
      const { body } = await client.post('token', { ...request, scope: 'project:read' });
      expect(body.scope).toBe('project:read project:create');
    },
  },
];

export const revocationBehaviours: readonly Behaviour[] = [
  {
    line: 'revocation refuses a mismatched authentication method',
    differs: 'Basic and post are taken alike (R58); no secret at all is refused',
    async holds(lab) {
      const { client, refreshToken } = await confidential(lab);
      const without = await lab.post('revoke', { token: refreshToken, client_id: client.clientId });
      const headers = { Authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}` };
      expect(without).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect((await client.refresh(refreshToken)).status).toBe(200);
      expect((await lab.post('revoke', { token: refreshToken }, headers)).status).toBe(200);
      expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
    },
  },
  {
    line: 'revocation with wrong secret refused, then revoked',
    async holds(lab) {
      const { client, refreshToken } = await confidential(lab);
      const wrong = await client.post('revoke', { token: refreshToken, client_secret: 'wrong' });
      expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      const renewed = (await client.refresh(refreshToken)).body.refresh_token ?? '';
      expect((await client.post('revoke', { token: renewed })).status).toBe(200);
      expect((await client.refresh(renewed)).body.error).toBe('invalid_grant');
    },
  },
  {
    line: 'revoke access token only',
    async holds(lab) {
      const { client, accessToken, refreshToken } = await lab.connected();
      expect(await active(lab, client.clientId, accessToken)).toBe(true);
      expect((await client.post('revoke', { token: accessToken })).status).toBe(200);
      expect(await active(lab, client.clientId, accessToken)).toBe(false);
      expect((await client.refresh(refreshToken)).status).toBe(200);
    },
  },
  {
    line: 'revoke refresh token ends all',
    async holds(lab) {
      const { client, accessToken, refreshToken } = await lab.connected();
      expect((await client.post('revoke', { token: refreshToken })).status).toBe(200);
      expect(await active(lab, client.clientId, accessToken)).toBe(false);
      expect((await client.refresh(refreshToken)).body.error).toBe('invalid_grant');
    },
  },
  {
    line: 'another client revokes nothing, 200',
    async holds(lab) {
      const { client, accessToken, refreshToken } = await lab.connected();
      const other = await registerClient(lab.issuer);
      for (const token of [accessToken, refreshToken]) expect((await other.post('revoke', { token })).status).toBe(200);
      expect(await active(lab, client.clientId, accessToken)).toBe(true);
      expect((await client.refresh(refreshToken)).status).toBe(200);
    },
  },
];

export const challengeBehaviours: readonly Behaviour[] = [
  {
    line: 'offline_access only in AS metadata',
    async holds({ metadata, resourceMetadata }) {
      expect(await metadata()).toMatchObject({ scopes_supported: expect.arrayContaining(['offline_access']) });
      expect(((await resourceMetadata()) as { scopes_supported: string[] }).scopes_supported).not.toContain(
        'offline_access',
      );
    },
  },
  {
    line: 'bare Bearer challenge, no error',
    also: ['401 challenge no-store', 'challenge links PRM', 'challenge names scope'],
    async holds({ call, origin, issuer }) {
      const { status, challenge, cache } = await call('list_projects');
      expect({ status, cache }).toEqual({ status: 401, cache: 'no-store' });
      expect(challenge).toMatch(/^Bearer /);
      expect(challenge).not.toMatch(/\berror=/);
      const path = new URL(issuer).pathname.replace(/\/$/, '');
      expect(challenge).toContain(`resource_metadata="${origin}/.well-known/oauth-protected-resource${path}"`);
      expect(challenge).toMatch(/\bscope="[^"]*project:read[^"]*"/);
    },
  },
  {
    line: 'malformed bearer: invalid_token',
    async holds({ call }) {
      const { status, challenge } = await call('list_projects', 'Bearer malformed');
      expect(status).toBe(401);
      expect(challenge).toContain('error="invalid_token"');
    },
  },
  {
    line: 'PRM at path-specific URL',
    async holds({ resourceMetadata, issuer }) {
      expect(await resourceMetadata()).toMatchObject({ resource: issuer, authorization_servers: [issuer] });
    },
  },
  {
    line: '403 insufficient_scope with scopes and resource_metadata',
    async holds({ call, connected }) {
      const { accessToken } = await connected('project:read');
      const { status, challenge } = await call('create_project', `Bearer ${accessToken}`);
      expect(status).toBe(403);
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toMatch(/\bscope="[^"]*project:create[^"]*"/);
      expect(challenge).toContain('resource_metadata="');
    },
  },
];
