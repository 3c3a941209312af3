import type { Membership } from '../directory/index.ts';
import type { PlaceRequiredPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import type { Step } from './step.ts';

/** Whether somebody has signed in where this organization wants it. */
export function isWhereRequired({ signedIn }: Step, { waysIn }: FlowParts, { organization }: Membership): boolean {
  const places = waysIn.requiredFor(organization.slug);
  return places.length === 0 || places.some(({ id }) => id === signedIn?.origin?.provider);
}

/** Asks them to, before anything can be approved for it. */
export function showRequiredPlace(
  step: Step,
  { waysIn, pages }: FlowParts,
  { organization }: Membership,
  hasOthers: boolean,
): void {
  const page: PlaceRequiredPage = {
    ...pages.frame('Sign in'),
    organization: organization.name,
    requester: step.requester,
    decline: step.form('decline'),
    ways: waysIn.requiredFor(organization.slug).map(({ id, button }) => ({
      href: `${step.href}?${new URLSearchParams({ with: id, for: organization.id })}`,
      button,
    })),
    ...(hasOthers && { changeHref: `${step.href}?organization=` }),
  };
  pages.show(step.ctx, 'place-required', page);
}
