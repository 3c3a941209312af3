import { describe, expect, it } from '@jest/globals';
import { type Connection, createIsCurrent, type StatedByToken } from '../../src/connections/index.ts';
import { aConnection } from './a-connection.ts';

const narrowToRole = (role: string, scopes: readonly string[]) =>
  scopes.filter((scope) => role === 'owner' || scope.endsWith(':read'));
const connection = aConnection();
const owner = { connection: connection as Connection | undefined, role: 'owner' as string | undefined };
const viewer = { ...owner, role: 'viewer' };
const stated = {
  connectionId: connection.id,
  accountId: connection.accountId,
  organizationId: 'org_acme',
  organizationRole: 'owner',
  scopes: ['project:read', 'project:delete'],
};

function isCurrent(token: StatedByToken, now: typeof owner): Promise<boolean> {
  return createIsCurrent({
    offeredScopes: ({ scopes }) => scopes,
    connections: { find: async () => now.connection },
    directory: { findMembership: async () => (now.role === undefined ? undefined : { role: now.role }) },
    narrowToRole,
  })(token);
}

describe('an access token', () => {
  it.each([
    ['all that is true', stated],
    ['less than is true', { ...stated, scopes: [] }],
  ])('counts while it says %s', async (_name, token) => expect(await isCurrent(token, owner)).toBe(true));

  it.each([
    ['whose connection has ended', stated, { ...owner, connection: undefined }],
    ['whose person is no member any more', stated, { ...owner, role: undefined }],
    ['for another organization', { ...stated, organizationId: 'org_globex' }, owner],
    ['of another role', stated, { ...owner, role: 'admin' }],
    ['with a permission that was taken away', { ...stated, scopes: ['table:read'] }, owner],
    ['with a permission that its role has no more', { ...stated, organizationRole: 'viewer' }, viewer],
  ])('%s does not count', async (_name, token, now) => expect(await isCurrent(token, now)).toBe(false));
});
