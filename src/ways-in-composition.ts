import { takesPasswords } from './config/index.ts';
import { type ConsoleConnection, type ConsoleParts, connectConsole } from './console-composition.ts';
import { type Directory, type LocalDirectory, withIdentityAccounts } from './directory/index.ts';
import { connectIdentityProviders, type IdentityConnection, type IdentityParts } from './identity-composition.ts';
import type { Passwords } from './passwords/index.ts';
import { connectPasswords, type PasswordCompositionParts } from './passwords-composition.ts';
import { type Origin, originOf, type SessionRecord } from './sessions/index.ts';
import { createWaysIn, type WaysIn } from './sign-in/index.ts';

type Parts = ConsoleParts &
  Omit<IdentityParts, 'mayLink' | 'policy'> &
  Omit<PasswordCompositionParts, 'policy'> & {
    readonly policy: PasswordCompositionParts['policy'] & IdentityParts['policy'] & Lifetimes;
  };

interface Lifetimes {
  readonly lifetimes: { readonly session: number; readonly interaction: number };
}

/** How people sign in, who they then are, and for how long: for the pages and for the provider. */
export interface ConnectedWaysIn {
  readonly console: ConsoleConnection | undefined;
  readonly identity: IdentityConnection | undefined;
  readonly directory: Directory;
  readonly waysIn: WaysIn;
  /** Invitations and other passwords, where accounts are kept here. */
  readonly passwords: Passwords | undefined;
  readonly sessionTtl: (origin: Origin | undefined) => number;
  readonly ttlOfSession: (session: SessionRecord) => number;
  readonly isOfConsole: ((session: SessionRecord) => boolean) | undefined;
  readonly provesAcr: boolean;
  closeWaysIn(): Promise<void>;
}

export function connectWaysIn(parts: Parts): ConnectedWaysIn {
  const { policy, own } = parts;
  const { lifetimes } = policy;
  const console = connectConsole(parts);
  const elsewhere = own ?? console?.directory;
  const identity = connectIdentityProviders({ ...parts, mayLink: !elsewhere });
  // Where a console is asked every time, a session is what binds a flow to its browser, and nothing more.
  const ttlAtConsole = Math.min(lifetimes.session, lifetimes.interaction);
  const waysIn = createWaysIn({
    handOff: console?.handOff,
    providers: identity?.places,
    passwords: takesPasswords(policy),
  });
  const passwords = connectPasswords(parts, (email) => waysIn.placeOfEmail(email) !== undefined);
  const sessionTtl = (origin: Origin | undefined) => (console && !origin ? ttlAtConsole : lifetimes.session);
  return {
    console,
    identity,
    directory: chooseDirectory(elsewhere, parts.localDirectory, identity !== undefined),
    waysIn,
    passwords,
    sessionTtl,
    ttlOfSession: (session) => sessionTtl(originOf(session)),
    isOfConsole: console && ((session) => originOf(session) === undefined),
    provesAcr: identity !== undefined,
    async closeWaysIn() {
      await Promise.all([console?.close(), identity?.close(), passwords?.close()]);
    },
  };
}

function chooseDirectory(elsewhere: Directory | undefined, here: LocalDirectory, hasProviders: boolean): Directory {
  if (!elsewhere) return here;
  return hasProviders ? withIdentityAccounts(elsewhere, here) : elsewhere;
}
