/**
 * What an account has beside its password, or in place of it: authenticator apps (RFC 6238), passkeys (Web Authentication),
 * recovery codes. Keeps them, checks each once, adds and removes them, and decides when one is asked for: by the account,
 * by the operator, by an organization, or by a tool (`acr_values`). The step in which it is asked for is the same in a flow
 * and before the account's pages; `interactions` and `account` say where they are, `sign-in` has judged the password.
 *
 * Only accounts of the built-in directory have any: whoever signs in at a console or an identity provider has them there.
 */
export type { TellOfFactors } from './check-factor.ts';
export type { Factor } from './factor-record.ts';
export { createFactors, type FactorList, type Factors } from './factors.ts';
export { amrOf, isMultiFactor, methods } from './levels.ts';
export { createFactorPages, type FactorPages } from './pages.ts';
export { createSecondStep, type SecondStep } from './second-step.ts';
export { cleanFactorName, maxNameLength, readSetup } from './set-up.ts';
export type { SigningIn } from './signing-in.ts';
