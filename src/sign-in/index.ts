/**
 * How a person proves who they are: at the console that has their account (`hand-off`), or by a form, the limit on tries, and the sentences of a refusal, the same on every page
 * that has the form. Who has which password is the directory's business, what begins afterwards that of `sessions`.
 * `interactions` and `account` have the pages.
 */

export { createSubmitSignIn, type SignInFields, type SubmitSignIn, unsentFields } from './form.ts';
export { type Accepted, type Asking, createHandOff, type HandOff, signInFacts } from './hand-off.ts';
export {
  type Admission,
  createSignInLimit,
  defaultSignInPolicy,
  type SignInLimit,
  type SignInPolicy,
} from './limit.ts';
export { findRefusal, type HandOffRefusal, presentRefusal, type RefusalWords } from './refused.ts';
export { type Credentials, createSignIn, type SignIn } from './sign-in.ts';
