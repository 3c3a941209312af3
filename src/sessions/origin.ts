/** At which identity provider a session began, and what is known of the session there. */
export interface Origin {
  /** As the configuration calls it. */
  readonly provider: string;
  /** The name of the record of the session there; absent: the provider gave it no `sid`. */
  readonly session?: string | undefined;
  /** The ID token, encrypted: asked for when somebody signs out there (OpenID Connect RP-Initiated Logout §2). */
  readonly hint?: string | undefined;
  /** The provider did not say when they had signed in: nobody knows how old that is. */
  readonly undated?: true;
}

/** Of a session of oidc-provider, what says whether it counts. */
export interface SessionRecord {
  readonly accountId?: string | undefined;
  readonly loginTs?: number | undefined;
  readonly authorizations?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * oidc-provider 9.13 keeps of a session what it knows, and of each client whatever is put there (`authorizations`). This is
 * the id of no client: none holds a control character. What it finds there it passes over (lib/actions/end_session.js).
 */
const place = '\u0000origin';

export function originOf({ authorizations }: SessionRecord): Origin | undefined {
  return authorizations?.[place] as Origin | undefined;
}

/** Replaces what was there: a session that passes to another way in is no longer of the former. */
export function setOrigin(session: { authorizations?: unknown }, origin: Origin | undefined): void {
  const { [place]: _former, ...others } = (session.authorizations ?? {}) as Record<string, unknown>;
  session.authorizations = origin ? { ...others, [place]: origin } : others;
}
