/**
 * How a person comes to a password of an account that is kept here, and to another one: by an invitation, by a link that is
 * mailed to whoever forgot theirs, or by the one they have. Decides what a link may do and for how long, how often one may be
 * asked for, and which passwords are too easy. Tells nobody who has an account. Signs nobody in: that is `sign-in`.
 *
 *   GET  P/oauth/password/forgotten?flow=… + POST   asks for a link; the answer is the same for every email
 *   GET  …/mailed
 *   GET  …/reset?token=…                            the link: on to …/new, which has no token in its address
 *   GET  …/new + POST                               another password, once
 *   GET  P/oauth/invitation?token=…, …/accept + POST
 *
 * Where a console has the accounts, or nobody signs in with a password, there is none of it.
 */
export { createInvitations, type Invitations } from './invitations.ts';
export { createLetters, type Letters } from './letters.ts';
export { createOneTimeLinks, type OneTimeLinks } from './links.ts';
export { findPasswordError } from './new-password.ts';
export type { NewPasswordFields } from './pages.ts';
export { createPasswords, type Passwords } from './passwords.ts';
export { isEasyToGuess, wordsAbout } from './strength.ts';
