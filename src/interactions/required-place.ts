import type { Membership } from '../directory/index.ts';
import { presentButton } from '../sign-in/index.ts';
import type { PlaceRequiredPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import type { Step } from './step.ts';

/** Where this organization wants somebody to sign in who has not. */
export function missingPlaces({ signedIn }: Step, { waysIn }: FlowParts, { organization }: Membership) {
  return waysIn.missingFor(organization.slug, signedIn?.origin);
}

/** Asks them to, before anything can be approved for it. */
export function showRequiredPlace(step: Step, parts: FlowParts, membership: Membership, hasOthers: boolean): void {
  const { pages } = parts;
  const { organization } = membership;
  const page: PlaceRequiredPage = {
    ...pages.frame(step.ctx, 'sign-in.title'),
    organization: organization.name,
    requester: step.requester,
    decline: step.form('decline'),
    ways: missingPlaces(step, parts, membership).map((place) => ({
      href: `${step.href}?${new URLSearchParams({ with: place.id, for: organization.id })}`,
      button: presentButton(place, pages.words(step.ctx)),
    })),
    ...(hasOthers && { changeHref: `${step.href}?organization=` }),
  };
  pages.show(step.ctx, 'place-required', page);
}
