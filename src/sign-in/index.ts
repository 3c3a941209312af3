/**
 * How a person proves who they are: a form, the limit on tries, and the sentences of a refusal, the same on every page
 * that has the form. Who has which password is the directory's business, what begins afterwards that of `sessions`.
 * `interactions` and `account` have the pages.
 */
export { createSubmitSignIn, type SignInFields, type SubmitSignIn, unsentFields } from './form.ts';
export {
  type Admission,
  createSignInLimit,
  defaultSignInPolicy,
  type SignInLimit,
  type SignInPolicy,
} from './limit.ts';
export { type Credentials, createSignIn, type SignIn } from './sign-in.ts';
