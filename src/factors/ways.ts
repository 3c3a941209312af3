import type { FactorList } from './factors.ts';
import type { Need } from './levels.ts';
import { isPasskey } from './passkeys.ts';
import type { Pending } from './pending.ts';

/** What may be shown beside the password; the last two set up what is not there yet. */
export type FactorWay = 'code' | 'passkey' | 'recovery' | 'app' | 'new-passkey';

interface Given {
  readonly pending: Pick<Pending, 'shown'>;
  readonly list: FactorList;
  readonly needed: Need;
  /** Whether browsers make passkeys for this server. */
  readonly hasPasskeys: boolean;
}

/** The first is what somebody is shown who asks for none. */
export function waysFor(given: Given): FactorWay[] {
  return [...waysToShow(given), ...waysToAdd(given)];
}

function waysToShow({ pending, list, needed, hasPasskeys }: Given): FactorWay[] {
  // Shown already, and it was not what the tool asks for.
  if (pending.shown.length > 1) return hasPasskeys && list.factors.some(isPasskey) ? ['passkey'] : [];
  const byLastUse = list.factors.toSorted((a, b) => (b.lastUsedAt ?? b.addedAt) - (a.lastUsedAt ?? a.addedAt));
  const kinds = byLastUse.map(({ kind }): FactorWay => (kind === 'app' ? 'code' : kind));
  const wantsPasskey = needed === 'passkey' && kinds.includes('passkey');
  const known = [...new Set(kinds)].filter((way) => (way === 'passkey' ? hasPasskeys : !wantsPasskey));
  return list.recoveryCodesLeft > 0 ? [...known, 'recovery'] : known;
}

/**
 * With the password alone only where there is nothing yet: whoever has stolen it would otherwise add a factor of their own
 * instead of showing one.
 */
function waysToAdd({ pending, list, needed, hasPasskeys }: Given): FactorWay[] {
  if (list.factors.length > 0 && pending.shown.length < 2) return [];
  const passkey: FactorWay[] = hasPasskeys ? ['new-passkey'] : [];
  return needed === 'passkey' ? passkey : ['app', ...passkey];
}
