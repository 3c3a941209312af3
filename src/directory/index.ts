/**
 * Who a person is, and which organizations they may act for. Decides whether an email and a password belong to an
 * enabled account, and which role an account has in an organization right now.
 * Does not know what a role allows (`resources`), what was approved (`connections`), nor how a page looks.
 *
 * `sign-in` asks about credentials, `interactions` about memberships at the organization and consent pages;
 * `provider` calls `findAccount` and `findMembership` for claims and at every refresh. They see the interface
 * `Directory`, so that another directory can take the place of the local one.
 */
export type { AccountWithPassword, DirectoryAdministration } from './administration.ts';
export { demonstrationAccounts, demonstrationPassword, seedDemonstration } from './demonstration.ts';
export {
  type Account,
  type Directory,
  findAccountWithMemberships,
  type Membership,
  type Organization,
} from './directory.ts';
export { DirectoryError } from './directory-error.ts';
export type { DirectoryStorage } from './directory-storage.ts';
export { normalizeEmail } from './email.ts';
export { type Arrived, accountIdOf, type GivenMembership, type Identity, identityPrefix } from './identities.ts';
export { withIdentityAccounts } from './identity-accounts.ts';
export { isDemonstrationAccount, prepareDemonstration, removeDemonstration } from './known-password.ts';
export { createLocalDirectory, type LocalDirectory, type StoredMemberships } from './local-directory.ts';
export { PasswordsOverloaded } from './overloaded.ts';
export {
  argon2Parameters,
  createPasswordHasher,
  findLengthError,
  minCharacters,
  type PasswordHasher,
} from './password.ts';
