import type { Membership } from '../directory/index.ts';
import type { FactorRequiredPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import type { Step } from './step.ts';

/** Whether this organization wants a second factor of somebody who has shown none. */
export function lacksFactor({ signedIn }: Step, { secondStep }: FlowParts, { organization }: Membership): boolean {
  return secondStep.isMissingFor(organization.slug, signedIn);
}

/** Asks for it, or to set one up, before anything can be approved for it. */
export function showRequiredFactor(step: Step, { pages }: FlowParts, membership: Membership, hasOthers: boolean): void {
  const page: FactorRequiredPage = {
    ...pages.frame(step.ctx, 'factors.required-title'),
    organization: membership.organization.name,
    requester: step.requester,
    decline: step.form('decline'),
    // Whoever signed in a while ago does so again first.
    goOnHref: `${step.href}?use=second`,
    ...(hasOthers && { changeHref: `${step.href}?organization=` }),
  };
  pages.show(step.ctx, 'factor-required', page);
}
