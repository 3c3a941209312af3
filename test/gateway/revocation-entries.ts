import { createRevocationList, type Identity, type Revocation } from '@bkend/mcp-gateway';
import { createTestClock } from '../support/clock.ts';

export type Change = Extract<Revocation, { kind: 'change' }>;

export const now = Date.parse('2026-08-01T12:00:00Z') / 1000;
export const times = { at: now, until: now + 3600 };

/** Whose token it is, until a test says otherwise. */
export const ada = {
  token: 'a token',
  tokenId: 'token-1',
  clientId: 'editor',
  connectionId: 'connection-1',
  accountId: 'ada',
  organizationId: 'acme',
  organizationRole: 'member',
  scopes: ['project:read', 'project:create'],
  issuedAt: now - 60,
  claims: { aud: 'https://files.example/mcp' },
} as unknown as Identity;

export const connection = (id: string): Revocation => ({ kind: 'connection', id, ...times });
export const token = (id: string): Revocation => ({ kind: 'token', id, ...times });
export const member = (accountId: string, organizationId: string, more: object = {}): Revocation => ({
  ...{ kind: 'membership', accountId, organizationId, ...times },
  ...more,
});
export const change = (organizationId: string, scopes: readonly string[], at = now, until = at + 3600): Change => ({
  ...{ kind: 'change', id: 'connection-1', organizationId, scopes, at, until },
});

/** One that is current, by a clock of its own. */
export function currentList() {
  const { clock, pass } = createTestClock(now * 1000);
  const list = createRevocationList({ now: clock.now });
  list.markCurrent();
  return { ...list, pass };
}
