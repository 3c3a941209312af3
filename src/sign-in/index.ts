/**
 * How a person proves who they are, in one of several ways with one result (account, time, `amr`, `acr`): at the console that
 * has their account (`hand-off`), at an identity provider (`provider-places`), or by a form; the limit on tries; and the
 * form (`page`) and the sentences of a refusal, the same on every page. Who has which password is the directory's business,
 * what begins afterwards that of `sessions`. `interactions` and `account` say what else is on their pages.
 */

export type { Arrival } from './asking.ts';
export {
  type ConfirmPassword,
  createConfirmPassword,
  createSubmitSignIn,
} from './form.ts';
export { createHandOff, type HandOff } from './hand-off.ts';
export { type Admission, createSignInLimit, type SignInLimit, type SignInPolicy } from './limit.ts';
export {
  hrefWith,
  type SignInElsewherePage,
  type SignInFormPage,
  type SignInLink,
  type SignInOccasion,
  type SignInRequest,
  showSignInForm,
  submitSignInForm,
} from './page.ts';
export type { PersonPageParts } from './parts.ts';
export { createProviderPlaces } from './provider-places.ts';
export {
  presentRefusal,
  type RefusalWords,
  reportRefusal,
  reportSignIn,
  type SignInRefusal,
  statusOf,
} from './refused.ts';
export { type Credentials, createSignIn, type SignIn } from './sign-in.ts';
export { createWaysIn, onlyPlace, type Place, presentButton, sendTo, type WaysIn } from './ways-in.ts';
