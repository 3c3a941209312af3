/**
 * Accounts that live in a console: how a person who signs in there comes back to the authorization that waits here, and how
 * the console is asked, and tells, what they may act for. Decides what passes between the two servers: challenges, answers
 * and tickets; questions about accounts and memberships; events. `config/console-openapi.json` describes both directions.
 *
 * Knows neither pages nor oidc-provider: `sign-in` creates a challenge and redeems the ticket that the browser brings back; the
 * table of endpoints serves the request handlers; `provider` sees no more than a `Directory`.
 */
export { isInFuture, isRecentEnough } from './auth-time.ts';
export { createCallLimit } from './call-limit.ts';
export { type Answer, type Challenges, createChallenges, type Redeemed, type Ticket } from './challenges.ts';
export { runCheckConsole } from './check-console-command.ts';
export {
  type ConsoleUnderTest,
  checkConsole,
  checkDirectory,
  type DirectoryFixtures,
  type Line,
} from './conformance.ts';
export type { ConsoleStorage } from './console-storage.ts';
export type { SignJwt } from './directory-credential.ts';
export { DirectoryUnavailable } from './directory-unavailable.ts';
export { type ConsoleRevocation, createReceiveEvents } from './events.ts';
export { guardDirectory } from './guarded-directory.ts';
export { checkHandOff, type HandOffUnderTest } from './hand-off-conformance.ts';
export { createHttpDirectory, type HttpDirectory, type HttpDirectoryOptions } from './http-directory.ts';
export type { DirectoryCall, DirectoryObserver, UnavailableAnswer } from './observation.ts';
export {
  type ConsoleAuditEvent,
  type ConsoleRequest,
  type ConsoleResponse,
  createConsoleEndpoints,
  maxBodyBytes,
} from './request-handlers.ts';
export { consoleEndpoints } from './routes.ts';
export type { ChallengeDescription } from './schemas.ts';
export { signInUrl } from './sign-in-url.ts';
