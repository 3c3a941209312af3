/**
 * The session of a browser: begins, passes to another account, ends here or everywhere. The one module that knows the
 * records with which oidc-provider keeps it. How a person proves who they are is the business of `sign-in`; the pages of
 * `interactions` and `account` begin and end sessions, and `provider` asks whether one has ended.
 */
export { createSessionCutoff, type SessionCutoff } from './cutoff.ts';
export { type Origin, originOf, type SessionRecord } from './origin.ts';
export {
  createSessions,
  type Interaction,
  recentSeconds,
  type Sessions,
  type SignedIn,
  type SignInFacts,
} from './sessions.ts';
