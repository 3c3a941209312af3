import type { FactorList } from '../factors/index.ts';
import { isMultiFactor } from '../factors/index.ts';
import { type AccountRequest, signedInFrame } from './account-request.ts';
import type { SecurityPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { relativeTime } from './present.ts';
import { askToSignIn } from './sign-in.ts';

/** Whether what an account has beside its password is kept here: not of somebody who signed in elsewhere. */
export function hasFactors({ signedIn }: AccountRequest, { secondStep }: AccountParts): boolean {
  return secondStep.isOn && signedIn.origin === undefined;
}

export async function showSecurity(request: AccountRequest, parts: AccountParts): Promise<void> {
  if (!hasFactors(request, parts)) return request.ctx.throw(404);
  const { links, clock, factors, secondStep } = parts;
  const list = await factors.list(request.account.id);
  const [now, words] = [clock.seconds(), parts.pages.words(request.ctx)];
  const isKept = list.factors.length === 1 && secondStep.isRequired;
  const page: SecurityPage = {
    ...signedInFrame(request, parts, 'security.title'),
    factors: list.factors.map(({ id, name, kind, addedAt, lastUsedAt }) => ({
      name,
      kind,
      added: relativeTime(addedAt, now, words),
      ...(lastUsedAt !== undefined && { used: relativeTime(lastUsedAt, now, words) }),
      renameHref: links.renameFactor(id),
      ...(!isKept && { removeHref: links.removeFactor(id) }),
    })),
    codesLeft: list.recoveryCodesLeft,
    recoveryCodesHref: links.recoveryCodes,
    ways: [
      { way: 'app', href: links.addFactor('app') },
      ...(factors.passkeys ? [{ way: 'new-passkey', href: links.addFactor('new-passkey') } as const] : []),
    ],
    overviewHref: links.overview,
  };
  parts.pages.show(request.ctx, 'account-security', page);
}

/**
 * Whoever is signed in with the password alone, since before there was more, signs in again before a change: otherwise a
 * stolen password would take the new factor away. True when they are asked to.
 */
async function asksForFactor(request: AccountRequest, parts: AccountParts): Promise<boolean> {
  if (!hasFactors(request, parts) || isMultiFactor(request.signedIn.amr)) return false;
  const { factors } = await parts.factors.list(request.account.id);
  if (factors.length > 0) askToSignIn(request.ctx, parts);
  return factors.length > 0;
}

/** What the account has now, for a change of it. */
export async function loadForChange(request: AccountRequest, parts: AccountParts): Promise<FactorList | undefined> {
  if (!hasFactors(request, parts)) return request.ctx.throw(404);
  return (await asksForFactor(request, parts)) ? undefined : parts.factors.list(request.account.id);
}
