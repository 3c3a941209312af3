import { acrValuesElsewhere, type Policy, takesPasswords } from '../config/index.ts';
import { type Directory, type LocalDirectory, withIdentityAccounts } from '../directory/index.ts';
import {
  createFactorPages,
  createSecondStep,
  type FactorPages,
  type Factors,
  type SecondStep,
  type TellOfFactors,
} from '../factors/index.ts';
import type { PageParts } from '../http/index.ts';
import type { Passwords } from '../passwords/index.ts';
import { type Origin, originOf, type SessionRecord } from '../sessions/index.ts';
import { createSignInLimit, createWaysIn, type SignInLimit, type WaysIn } from '../sign-in/index.ts';
import { type ConsoleConnection, type ConsoleParts, connectConsole } from './console.ts';
import { connectIdentityProviders, type IdentityConnection, type IdentityParts } from './identity-providers.ts';
import { connectPasswords, type PasswordCompositionParts } from './passwords.ts';

type Parts = ConsoleParts &
  Omit<IdentityParts, 'mayLink' | 'policy'> &
  Omit<PasswordCompositionParts, 'policy'> & {
    readonly policy: PasswordCompositionParts['policy'] & IdentityParts['policy'] & Settings;
    readonly factors: Factors;
    readonly pages: PageParts['pages'];
  };

interface Settings {
  readonly lifetimes: { readonly session: number; readonly interaction: number };
  readonly brand: Policy['brand'];
  readonly signIn: Policy['signIn'];
}

/** How people sign in, who they then are, and for how long: for the pages and for the provider. */
interface ConnectedWaysIn {
  readonly console: ConsoleConnection | undefined;
  readonly identity: IdentityConnection | undefined;
  readonly directory: Directory;
  readonly waysIn: WaysIn;
  readonly forgetAnswers: (accountId: string) => void;
  /** Invitations and other passwords, where accounts are kept here. */
  readonly passwords: Passwords | undefined;
  readonly sessionTtl: (origin: Origin | undefined) => number;
  readonly ttlOfSession: (session: SessionRecord) => number;
  readonly isOfConsole: ((session: SessionRecord) => boolean) | undefined;
  readonly isUndated: (session: SessionRecord) => boolean;
  /** How many wrong passwords, and codes, are taken. */
  readonly limit: SignInLimit;
  readonly factorPages: FactorPages;
  readonly secondStep: SecondStep;
  /** What somebody who signs in, in one way or another, can be said to have done so by. */
  readonly acrValues: readonly string[];
  /** By mail, where there is a mail server. */
  readonly tellOwner: TellOfFactors;
  readonly provesAcr: (asked: readonly string[]) => boolean;
  readonly lacksFactor: (session: SessionRecord & { readonly amr?: readonly string[] | undefined }) => boolean;
  closeWaysIn(): Promise<void>;
}

export function connectWaysIn(parts: Parts): ConnectedWaysIn {
  const { policy, own } = parts;
  const console = connectConsole(parts);
  const elsewhere = own ?? console?.directory;
  const identity = connectIdentityProviders({ ...parts, mayLink: !elsewhere });
  const waysIn = createWaysIn({
    handOff: console?.handOff,
    providers: identity?.places,
    passwords: takesPasswords(policy),
  });
  const passwords = connectPasswords(parts, (email) => waysIn.placeOfEmail(email) !== undefined);
  const tellOwner = passwords?.tellOwner ?? (() => undefined);
  const directory = chooseDirectory(elsewhere, parts.localDirectory, identity !== undefined);
  const factors = connectFactors({ ...parts, directory, tellOwner }, !elsewhere);
  const { secondStep } = factors;
  return {
    console,
    identity,
    directory,
    waysIn,
    forgetAnswers: (accountId) => console?.directory.forgetAccount(accountId),
    passwords,
    tellOwner,
    ...factors,
    ...createSessionRules(parts, console),
    acrValues: [...new Set([...secondStep.acrValues, ...acrValuesElsewhere(policy)])],
    provesAcr: (asked) => identity !== undefined || secondStep.canProve(asked),
    lacksFactor: (session) => secondStep.isMissing({ amr: session.amr, origin: originOf(session) }),
    async closeWaysIn() {
      await Promise.all([console?.close(), identity?.close(), passwords?.close()]);
    },
  };
}

/** Where accounts are elsewhere, so is what they have beside a password. */
function connectFactors(parts: Parts & Pick<ConnectedWaysIn, 'directory' | 'tellOwner'>, areHere: boolean) {
  const { policy, factors, pages, vault } = parts;
  const limit = createSignInLimit({ ...parts, hash: vault.hash }, policy.signIn);
  const factorPages = createFactorPages({ pages, factors, brand: policy.brand.name });
  const { secondFactor, secondFactorFor } = policy.signIn;
  const secondStep = createSecondStep({
    ...parts,
    limit,
    pages: factorPages,
    policy:
      areHere && takesPasswords(policy)
        ? { secondFactor, secondFactorFor }
        : { secondFactor: 'off', secondFactorFor: [] },
  });
  return { limit, factorPages, secondStep };
}

function createSessionRules({ policy: { lifetimes } }: Parts, console: ConsoleConnection | undefined) {
  // Where a console is asked every time, a session is what binds a flow to its browser, and nothing more.
  const ttlAtConsole = Math.min(lifetimes.session, lifetimes.interaction);
  const sessionTtl = (origin: Origin | undefined) => (console && !origin ? ttlAtConsole : lifetimes.session);
  return {
    sessionTtl,
    ttlOfSession: (session: SessionRecord) => sessionTtl(originOf(session)),
    isOfConsole: console && ((session: SessionRecord) => originOf(session) === undefined),
    isUndated: (session: SessionRecord) => originOf(session)?.undated === true,
  };
}

function chooseDirectory(elsewhere: Directory | undefined, here: LocalDirectory, hasProviders: boolean): Directory {
  if (!elsewhere) return here;
  return hasProviders ? withIdentityAccounts(elsewhere, here) : elsewhere;
}
