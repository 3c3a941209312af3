/**
 * What the person sees in the flow: sign-in, organization, consent, decline; `show` reads, `submit` decides, no GET
 * changes state. No step calls another: each ends in `finish`, and `provider/prompts` decides what is next;
 * `go-on` asks oidc-provider for that within the request of the form.
 *
 *   GET  P/oauth/interaction/:uid                 sign-in, or the organization page if there is a choice, or consent
 *   GET  P/oauth/interaction/:uid?account=another sign-in, while somebody is signed in
 *   GET  P/oauth/interaction/:uid?organization=…  consent for that organization; empty: the page to choose
 *   GET  P/oauth/interaction/:uid?with=…          to the place where somebody has an account
 *   GET  …/return?…                               back from there
 *   GET  P/oauth/interaction/:uid?use=…           a way to show, or set up, a second factor
 *   POST …/sign-in · …/factor · …/consent · …/decline
 *
 * A step that is done redirects to the one at which the flow is, so that the back button and old tabs lose nothing.
 *
 * Every URL of a flow carries its uid, so flows in several tabs do not meet (R44). The pages that the provider shows
 * by itself (errors, signing out) are made here too, because they must look the same.
 *
 * Nothing of it redirects away from here: `receipts` has the page that stays when a flow is over and leads to the tool,
 * `departures` the one that names a place to which nobody here was sent.
 */
export { createLogoAddresses, type LogoAddresses } from './client-logos.ts';
export { createGuardDepartures } from './departures.ts';
export { createErrorHandler, createShowError } from './error-pages.ts';
export type { FlowParts } from './parts.ts';
export { createReturnToFlow, interactionEndpoints } from './routes.ts';
export { createSignOutPages } from './sign-out.ts';
