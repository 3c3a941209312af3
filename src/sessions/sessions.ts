import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { InteractionResults } from 'oidc-provider';
import type { Cookies } from '../http/index.ts';
import { allKept } from '../storage/index.ts';
import type { SessionCutoff } from './cutoff.ts';
import { type Origin, originOf, type SessionRecord, setOrigin } from './origin.ts';

export type Interaction = InstanceType<Provider['Interaction']>;
type Session = InstanceType<Provider['Session']>;

/** Who is signed in with this browser, and since when. */
export interface SignedIn {
  readonly accountId: string;
  /** Of the session; not its cookie, and no secret. */
  readonly uid: string;
  /** Seconds since the epoch. */
  readonly since: number;
  /** RFC 8176 §2. */
  readonly amr: readonly string[];
  readonly acr?: string | undefined;
  /** The identity provider at which it began. */
  readonly origin?: Origin | undefined;
}

/** Whom a sign-in was about, and how it was made; where nothing else is said, with a password and just now. */
export interface SignInFacts {
  readonly accountId: string;
  /** Seconds since the epoch. */
  readonly authTime?: number | undefined;
  /** RFC 8176 §2. */
  readonly amr?: readonly string[] | undefined;
  readonly acr?: string | undefined;
  readonly origin?: Origin | undefined;
}

export interface Sessions {
  find(ctx: Context): Promise<SignedIn | undefined>;
  /** Begins to read what `begin` is going to ask for. */
  readAhead(accountId: string): void;
  /** After it was shown who it is; whoever was signed in with this browser is not any more. */
  begin(ctx: Context, facts: SignInFacts): Promise<void>;
  /**
   * The interaction whose cookie this browser has, and who is signed in with it. Nothing when it is over, or belongs to
   * another browser's session.
   */
  findInteraction(ctx: Context): Promise<{ interaction: Interaction; signedIn: SignedIn | undefined } | undefined>;
  /** `begin` on a page of the flow, which is this session's only from here on; returns what that step has decided. */
  beginInFlow(ctx: Context, interaction: Interaction, facts: SignInFacts): Promise<InteractionResults>;
  /** Where the session that has ended began, if that was elsewhere. */
  end(ctx: Context): Promise<Origin | undefined>;
}

interface SessionsParts {
  readonly provider: Provider;
  readonly cutoff: SessionCutoff;
  /** How long a session lives from its last use, in seconds. */
  readonly sessionTtl: (origin: Origin | undefined) => number;
  readonly cookies: Cookies;
}

/** Long enough to put things in order, too short for whoever finds the computer unlocked after lunch. */
export const recentSeconds = 15 * 60;

/** Password, and nothing else (RFC 8176 §2). */
const password = ['pwd'];

/**
 * The session of the browser. oidc-provider owns the record and the cookie, and saves both after routes of its own only;
 * our pages are not among them. Everything that depends on how it does that is in this file. Read in oidc-provider 9.13.3
 * (lib/models/session.js, lib/models/interaction.js, lib/shared/session.js, lib/actions/authorization/resume.js) and held
 * by test/sessions/oidc-provider.test.ts and test/attacks/session-fixation.test.ts:
 *
 * - `Session.get` finds the session by the cookie, or makes one that nothing keeps yet; only a kept one has an `exp`;
 * - `save` after `resetIdentifier` destroys the record under the old identifier;
 * - a flow is resumed only with the session that its interaction names; `provider.interactionDetails` asks merely whether
 *   there is such a session, in whichever browser.
 */
export function createSessions({ provider, cutoff, sessionTtl, cookies: { protection } }: SessionsParts): Sessions {
  const load = (ctx: Context) => provider.Session.get(ctx as never);

  /**
   * Session fixation: whatever cookie the browser came with, perhaps from a stranger, is worth nothing from here on. What
   * is not this account's is left behind altogether, so that flows of somebody else in other tabs do not go on as theirs.
   */
  async function renew(ctx: Context, accountId: string): Promise<Session> {
    const found = await load(ctx);
    if (found.accountId === accountId) {
      found.resetIdentifier();
      return found;
    }
    if (found.exp !== undefined) await found.destroy();
    return new provider.Session();
  }

  async function begin(ctx: Context, facts: SignInFacts, loginTs: number): Promise<Session> {
    const { accountId, amr = password, acr, origin } = facts;
    const session = await renew(ctx, accountId);
    session.loginAccount({ accountId, amr: [...amr], loginTs, ...(acr !== undefined && { acr }) });
    setOrigin(session as { authorizations?: unknown }, origin);
    if (origin?.session) await cutoff.noteProviderSession(origin.session, accountId);
    await session.save(sessionTtl(origin));
    const expires = new Date(session.exp * 1000);
    ctx.cookies.set(provider.cookieName('session'), session.jti, { ...protection, expires });
    return session;
  }

  return {
    async find(ctx) {
      const session = await load(ctx);
      const signedIn = present(session);
      return signedIn && !(await cutoff.hasEnded(session as SessionRecord)) ? signedIn : undefined;
    },

    readAhead: cutoff.readAhead,

    async begin(ctx, facts) {
      await begin(ctx, facts, await cutoff.signInTime(facts.accountId, facts.authTime));
    },

    async findInteraction(ctx) {
      const uid = ctx.cookies.get(provider.cookieName('interaction'), { signed: true });
      if (!uid) return undefined;
      const [interaction, current] = await Promise.all([provider.Interaction.find(uid), load(ctx)]);
      if (!interaction) return undefined;
      const { session } = interaction;
      if (!session) return { interaction, signedIn: undefined };
      // Whoever planted the flow's cookies has them, too: they must not approve in the name of who has signed in meanwhile.
      const isBound = session.uid === current.uid && session.accountId === current.accountId;
      return isBound ? { interaction, signedIn: present(current) } : undefined;
    },

    async beginInFlow(ctx, interaction, facts) {
      const { accountId, authTime, amr = password, acr } = facts;
      const ts = await cutoff.signInTime(accountId, authTime);
      // Now, not when the flow is resumed. There oidc-provider signs in whoever comes first with the flow's cookies, and
      // a stranger may have planted those; and where another account is signed in it asks on a page that posts itself by
      // script, which ours do without.
      const { uid } = await begin(ctx, facts, ts);
      interaction.session = { accountId, uid } as typeof interaction.session;
      // With its time: oidc-provider signs in again at each later step of the flow, and without it as of then.
      return { login: { accountId, amr: [...amr], ts, ...(acr !== undefined && { acr }) } };
    },

    async end(ctx) {
      const session = await load(ctx);
      if (session.accountId) await session.destroy();
      // Told when it is true.
      await allKept();
      ctx.cookies.set(provider.cookieName('session'), null, protection);
      return originOf(session as SessionRecord);
    },
  };
}

function present(session: Session): SignedIn | undefined {
  const { accountId, uid, loginTs: since, amr, acr } = session as Session & { amr?: string[]; acr?: string };
  if (!accountId || since === undefined) return undefined;
  return { accountId, uid, since, amr: amr ?? [], acr, origin: originOf(session as SessionRecord) };
}
