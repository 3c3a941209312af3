import type { Account } from '../directory/index.ts';
import { seeOther } from '../http/index.ts';
import type { SignedIn } from '../sessions/index.ts';
import { hrefWith } from '../sign-in/index.ts';
import { whenKept } from '../storage/index.ts';
import { createCheckFactor, type FactorChecks } from './check-factor.ts';
import type { FactorList } from './factors.ts';
import {
  acrOf,
  amrOf,
  isMultiFactor,
  methods,
  multiFactor,
  type Need,
  neededFor,
  phishingResistant,
} from './levels.ts';
import { alone, type FactorPages } from './pages.ts';
import { createPendingSignIns, type Pending } from './pending.ts';
import type { SigningIn } from './signing-in.ts';
import { type FactorWay, waysFor } from './ways.ts';

/** What an account has to show beside its password, and when. */
export interface SecondStep {
  /** Whether accounts have anything beside their passwords here. */
  readonly isOn: boolean;
  /** Whether everybody has to. */
  readonly isRequired: boolean;
  /** The password is right: signs in, or asks for the rest. */
  afterPassword(at: SigningIn, account: Account): Promise<void>;
  /** False where there is no second step to show: then it is the first. */
  show(at: SigningIn): Promise<boolean>;
  submit(at: SigningIn): Promise<void>;
  /** To signing in with a passkey alone; absent where nobody has one. */
  passkeyHref(at: Pick<SigningIn, 'href'>): string | undefined;
  /** Whether this session has only a password, where the operator wants more of everybody. */
  isMissing(session: { readonly amr?: readonly string[] | undefined; readonly origin?: unknown }): boolean;
  /** The same where an organization wants more. Who signed in elsewhere has shown there what is asked for there. */
  isMissingFor(slug: string, signedIn: Pick<SignedIn, 'amr' | 'origin'> | undefined): boolean;
  /** What a sign-in with an account here can be said to be (OIDC Core §2, `acr`). */
  readonly acrValues: readonly string[];
  /** Whether it can do what these ask for. */
  canProve(asked: readonly string[]): boolean;
}

interface Parts extends FactorChecks, Omit<Parameters<typeof createPendingSignIns>[0], 'tickets'> {
  readonly pages: FactorPages;
  readonly policy: SecondFactorPolicy;
}

interface SecondFactorPolicy {
  readonly secondFactor: 'off' | 'optional' | 'required';
  /** Organizations, by their slugs. */
  readonly secondFactorFor: readonly string[];
}

export function createSecondStep(parts: Parts): SecondStep {
  const { factors, events, policy, pages, directory } = parts;
  const { passkeys, tickets } = factors;
  const isOn = policy.secondFactor !== 'off';
  const acrValues = isOn ? [multiFactor, ...(passkeys ? [phishingResistant] : [])] : [];
  const pendings = createPendingSignIns({ ...parts, tickets });
  const check = createCheckFactor(parts);
  const neededAt = ({ acrValues }: SigningIn): Need => neededFor(acrValues, passkeys !== undefined);

  const isAskedOf = (at: SigningIn, { factors: own }: FactorList) =>
    own.length > 0 || policy.secondFactor === 'required' || neededAt(at) !== 'nothing';

  async function waysAt(at: SigningIn, pending: Pending): Promise<FactorWay[]> {
    const list = await factors.list(pending.account.id);
    // What there was may have been taken away meanwhile: then the password is enough again.
    if (pending.isTyped && !isAskedOf(at, list)) return [];
    return waysFor({ pending, list, needed: neededAt(at), hasPasskeys: passkeys !== undefined });
  }

  interface Finished {
    readonly accountId: string;
    readonly shown: readonly string[];
    readonly way?: FactorWay;
    readonly recoveryCodes?: readonly string[] | undefined;
  }

  async function finish(at: SigningIn, { accountId, shown, way, recoveryCodes = [] }: Finished): Promise<void> {
    const amr = amrOf(shown);
    const acr = acrOf(amr, at.acrValues);
    const next = await at.begin({ accountId, amr, ...(acr !== undefined && { acr }) });
    if (way) pendings.end(at);
    const method = shown.includes('pwd') ? 'password' : 'passkey';
    const event = {
      event: 'sign_in',
      account: accountId,
      client: at.client,
      method,
      ...(way && { factor: way }),
    } as const;
    whenKept(() => events.emit(event));
    if (recoveryCodes.length > 0) pages.showRecoveryCodes(at.ctx, recoveryCodes, next);
    else await at.goOn();
  }

  /** The one that somebody asks for, if it is one for them. */
  const chosen = (ways: readonly FactorWay[], asked: unknown) => ways.find((way) => way === asked);

  async function showFor(at: SigningIn, pending: Pending): Promise<boolean> {
    const ways = await waysAt(at, pending);
    const way = chosen(ways, at.ctx.query.use) ?? ways[0];
    if (way) await pages.showStep(at, pending, { way, ways });
    return way !== undefined;
  }

  /** A passkey, and nothing else. */
  async function submitAlone(at: SigningIn, form: URLSearchParams): Promise<void> {
    if (!passkeys) return seeOther(at.ctx, at.href);
    const accountId = await check.takeAlone(at, form);
    const account = accountId === undefined ? undefined : await directory.findAccount(accountId);
    // Too late, or none of ours: said where it was tried.
    if (!account) return pages.showPasskeyAlone(at, 422);
    await finish(at, { accountId: account.id, shown: methods.passkey, way: 'passkey' });
  }

  async function submitFor(at: SigningIn, pending: Pending, form: URLSearchParams): Promise<void> {
    const ways = await waysAt(at, pending);
    const way = chosen(ways, form.get('use'));
    if (!way) return seeOther(at.ctx, at.href);
    const taken = await check.take(at, pending, { way, form });
    if (taken.kind === 'refused') return pages.showStep(at, pending, { way, ways, form }, taken);
    const { account } = pending;
    const shown = [...pending.shown, ...taken.shown];
    if (neededAt(at) !== 'passkey' || shown.includes('pop'))
      return finish(at, { accountId: account.id, shown, way, recoveryCodes: taken.recoveryCodes });
    // A tool asks for a passkey, and there is none yet: whoever has shown what there is may add one.
    await pendings.begin(at, account, shown);
    seeOther(at.ctx, at.href);
  }

  return {
    isOn,
    isRequired: policy.secondFactor === 'required',
    async afterPassword(at, account) {
      const isAsked = isOn && isAskedOf(at, await factors.list(account.id));
      if (!isAsked) return finish(at, { accountId: account.id, shown: methods.password });
      await pendings.begin(at, account);
      events.emit({ event: 'sign_in.second_step', account: account.id, client: at.client });
      seeOther(at.ctx, at.href);
    },

    async show(at) {
      const { account, with: way, use } = at.ctx.query;
      // Another account, and other ways in, are chosen on the page before.
      if (!isOn || account !== undefined || way !== undefined) return false;
      if (passkeys && use === alone) {
        await pages.showPasskeyAlone(at);
        return true;
      }
      const pending = await pendings.find(at);
      return pending !== undefined && showFor(at, pending);
    },

    async submit(at) {
      const form = await at.readForm();
      if (isOn && form.get('use') === alone) return submitAlone(at, form);
      const pending = isOn ? await pendings.find(at) : undefined;
      // Too late: the password is asked for again.
      await (pending ? submitFor(at, pending, form) : seeOther(at.ctx, at.href));
    },

    passkeyHref: ({ href }) => (isOn && passkeys ? hrefWith(href, { use: alone }) : undefined),
    isMissing: ({ amr = [], origin }) => policy.secondFactor === 'required' && !origin && !isMultiFactor(amr),
    isMissingFor: (slug, signedIn) =>
      policy.secondFactorFor.includes(slug) && !signedIn?.origin && !isMultiFactor(signedIn?.amr ?? []),
    acrValues,
    canProve: (asked) => asked.some((value) => acrValues.includes(value)),
  };
}
