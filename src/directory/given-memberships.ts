import type { MembershipRecord } from './accounts.ts';

/** What the operator typed in stays; of what this provider said before, what it says now. */
export function mergeMemberships(
  kept: readonly MembershipRecord[],
  given: readonly MembershipRecord[],
  by: string,
): MembershipRecord[] {
  const others = kept.filter((each) => each.by !== by);
  const isFree = ({ organizationId }: MembershipRecord) =>
    !others.some((other) => other.by === undefined && other.organizationId === organizationId);
  const fresh = given.filter(isFree);
  // Said by another provider before: the newest word counts.
  const left = others.filter((other) => !fresh.some(({ organizationId }) => organizationId === other.organizationId));
  return [...left, ...fresh];
}

/** Of what somebody is a member no more, and in which role else. */
export function compareMemberships(before: readonly MembershipRecord[], after: readonly MembershipRecord[]) {
  const now = new Map(after.map(({ organizationId, role }) => [organizationId, role]));
  return {
    left: before.filter(({ organizationId }) => !now.has(organizationId)).map(({ organizationId }) => organizationId),
    changed: before.flatMap(({ organizationId, role }) => {
      const current = now.get(organizationId);
      return current === undefined || current === role ? [] : [{ organizationId, role: current }];
    }),
  };
}
