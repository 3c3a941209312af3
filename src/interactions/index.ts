/**
 * What the person sees in the flow: sign-in, organization, consent, decline; `show` reads, `submit` decides, no GET
 * changes state. No step calls another: each ends in `interactionResult`, and `provider/prompts` decides what is next.
 *
 *   GET  /interaction/:uid                 sign-in, or the organization page if there is a choice, or consent
 *   GET  /interaction/:uid?account=another sign-in, while somebody is signed in
 *   GET  /interaction/:uid?organization=…  consent for that organization; empty: the page to choose
 *   POST …/sign-in · …/consent · …/decline
 *
 * A step that is done leads on to the one that follows it, so that Back and old tabs lose nothing.
 *
 * Every URL of a flow carries its uid, so flows in several tabs do not meet (R44). The pages that the provider shows
 * by itself (errors, signing out) are made here too, because they must look the same.
 */
export { createShowError, explainErrors } from './error-pages.ts';
export type { FlowParts } from './parts.ts';
export { createInteractionRoutes } from './routes.ts';
export { createSignOutPages } from './sign-out.ts';
