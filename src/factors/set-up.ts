import { visibleLine } from '../visible-line.ts';
import type { Factors } from './factors.ts';
import { createTotpSecret, totpUri } from './totp.ts';

/** What is being added, and by which page. */
interface Setup {
  /** The flow, or the account's pages. */
  readonly place: string;
  readonly accountId: string;
  readonly way: 'app' | 'new-passkey';
  readonly form: URLSearchParams;
  readonly onlyFirst: boolean;
}

type Outcome =
  | { readonly kind: 'app' | 'passkey'; readonly recoveryCodes: readonly string[] }
  | { readonly error: 'wrong' | 'taken' | 'full' };

export const maxNameLength = 40;

const purpose = (place: string, accountId: string) => `app set up at ${place} by ${accountId}`;

/** A secret for the next page, or the one of the page before: whoever mistypes a code need not scan again. */
export function beginApp(
  { tickets }: Pick<Factors, 'tickets'>,
  {
    place,
    account,
    brand,
    former,
  }: { place: string; account: Owner; brand: string; former?: string | null | undefined },
) {
  const kept = former ? tickets.open(purpose(place, account.id), former) : undefined;
  const secret = typeof kept === 'string' ? kept : createTotpSecret();
  // Kept nowhere until a code of it was shown.
  const ticket = tickets.seal(purpose(place, account.id), secret);
  return { secret, ticket, uri: totpUri(secret, { brand, email: account.email }) };
}

interface Owner {
  readonly id: string;
  readonly email: string;
}

/** Adds what the form of a set-up page has: with a code of the new app, or the answer of the new passkey. */
export async function readSetup(factors: Factors, setup: Setup): Promise<Outcome> {
  return setup.way === 'app' ? readApp(factors, setup) : readPasskey(factors, setup);
}

async function readApp(factors: Factors, { place, accountId, form, onlyFirst }: Setup): Promise<Outcome> {
  const secret = factors.tickets.open(purpose(place, accountId), form.get('ticket') ?? '');
  if (typeof secret !== 'string') return { error: 'wrong' };
  const code = form.get('code') ?? '';
  const added = await factors.addApp(accountId, { secret, code, name: cleanFactorName(form.get('name')), onlyFirst });
  return added ? { kind: 'app', recoveryCodes: added.recoveryCodes } : { error: 'wrong' };
}

async function readPasskey(factors: Factors, { place, accountId, form, onlyFirst }: Setup): Promise<Outcome> {
  const created = await factors.passkeys?.redeemCreated(place, form, accountId);
  if (!created) return { error: 'wrong' };
  if (created === 'taken') return { error: 'taken' };
  const added = await factors.addPasskey(accountId, created, { name: cleanFactorName(form.get('name')), onlyFirst });
  return added ? { kind: 'passkey', recoveryCodes: added.recoveryCodes } : { error: 'full' };
}

export function cleanFactorName(given: string | null): string {
  return visibleLine(given ?? '', maxNameLength) ?? '';
}
