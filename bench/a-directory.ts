import type { Directory } from '../src/directory/index.ts';

const membership = { organization: { id: 'org', slug: 'acme', name: 'Acme' }, role: 'owner' };

/** Believes whoever signs in: what is measured with it is not about passwords. */
export const directory: Directory = {
  signIn: async (email) => ({ id: email, email, name: 'Ada' }),
  findAccount: async (id) => ({ id, email: id, name: 'Ada' }),
  memberships: async () => [membership],
  findMembership: async () => membership,
};
