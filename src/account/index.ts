/**
 * What people see and do after the flow: their connections, and for administrators those of their organization. Decides
 * who may see, change and end which connection, and when a session is fresh enough for that. Each page is a file:
 * `show` reads, `submit` decides, no GET changes a connection. Does not know tokens or the protocol; what becomes of a
 * connection is the business of `connections`.
 *
 *   GET  P/oauth/account                          my connections, by client
 *   GET  …/sign-in?to=…                  + POST   the same session as in the flow
 *   GET  …/sign-out, …/sign-out/everywhere + POST
 *   GET  …/password                  + POST   another password, for whoever knows the one of now
 *   GET  …/security                               what the account has beside its password; below it, each + POST, …/app,
 *                                                 …/new-passkey, …/recovery-codes, …/factors/:id/rename, …/factors/:id/remove
 *   GET  …/connections/:id                        one of them; below it …/rename, …/change, …/disconnect + POST
 *   GET  …/clients/disconnect?client=…   + POST   all that a client has of mine
 *   GET  …/organizations/:slug                    everybody's; …/connections/:id/disconnect + POST
 *
 * Whoever may not see something is told what is told of something that is not there. The composition root mounts it.
 */
export { isAccountSignIn, returnToAccount } from './elsewhere.ts';
export type { AccountPageParts } from './parts.ts';
export { accountEndpoints } from './routes.ts';
