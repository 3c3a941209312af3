import { describe, expect, it } from '@jest/globals';
import {
  createLocalDirectory,
  createPasswordHasher,
  type DirectoryStorage,
  demonstrationAccounts,
  demonstrationPassword,
  seedDemonstration,
} from '../../src/directory/index.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';
import { fresh } from '../support/shared.ts';
import { aStorage } from './a-directory.ts';

const storage = fresh<DirectoryStorage>(aStorage, ({ store }) => store.close());
const directory = fresh(() => createLocalDirectory(storage, createPasswordHasher(cheapParameters)));

const theContract: [email: string, organizations: string[]][] = [
  ['demo@example.com', ['Acme Corp (acme): owner', 'Globex (globex): viewer']],
  ['solo@example.com', ['Initech (initech): member']],
  ['new@example.com', []],
];

describe('the demonstration', () => {
  it.each(theContract)('lets %s sign in, with the organizations of the contract', async (email, organizations) => {
    await seedDemonstration(directory);
    expect(await organizationsOf(email)).toEqual(organizations);
  });

  it('announces exactly these accounts', () => {
    expect(demonstrationPassword).toBe('demo-password');
    expect(demonstrationAccounts.map(({ email }) => email)).toEqual(theContract.map(([email]) => email));
  });

  it('leaves a directory alone in which somebody is', async () => {
    await directory.createAccount({ email: 'ada@example.com', name: 'Ada', password: 'difference engine' });
    await seedDemonstration(directory);
    expect(await directory.signIn('demo@example.com', demonstrationPassword)).toBeUndefined();
    expect(await directory.findOrganizationBySlug('acme')).toBeUndefined();
  });

  it('leaves its own accounts as people changed them', async () => {
    await seedDemonstration(directory);
    const account = await directory.signIn('solo@example.com', demonstrationPassword);
    await directory.changePassword(account?.id ?? '', 'difference engine');
    await seedDemonstration(directory);
    expect(await directory.signIn('solo@example.com', demonstrationPassword)).toBeUndefined();
  });
});

async function organizationsOf(email: string) {
  const account = await directory.signIn(email, demonstrationPassword);
  const memberships = await directory.memberships(account?.id ?? '');
  return memberships.map(({ organization: { name, slug }, role }) => `${name} (${slug}): ${role}`);
}
