import { describe, expect, it } from '@jest/globals';
import { isStillTrue } from '../../src/connections/index.ts';
import { aConnection } from './a-connection.ts';

const narrowToRole = (role: string, scopes: readonly string[]) =>
  scopes.filter((scope) => role === 'owner' || scope.endsWith(':read'));
const connection = aConnection();
const owner = { connection, role: 'owner', narrowToRole };
const claims = { organizationId: 'org_acme', organizationRole: 'owner', scopes: ['project:read', 'project:delete'] };

describe('an access token', () => {
  it.each([
    ['all that is true', claims],
    ['less than is true', { ...claims, scopes: [] }],
  ])('counts while it says %s', (_name, said) => {
    expect(isStillTrue(said, owner)).toBe(true);
  });

  it.each([
    ['whose connection has ended', claims, { ...owner, connection: undefined }],
    ['whose person is no member any more', claims, { ...owner, role: undefined }],
    ['for another organization', { ...claims, organizationId: 'org_globex' }, owner],
    ['of another role', claims, { ...owner, role: 'admin' }],
    ['with a permission that was taken away', { ...claims, scopes: ['table:read'] }, owner],
    [
      'with a permission that its role has no more',
      { ...claims, organizationRole: 'viewer' },
      { ...owner, role: 'viewer' },
    ],
  ])('%s does not count', (_name, said, truth) => {
    expect(isStillTrue(said, truth)).toBe(false);
  });
});
