/** What a person or an operator reads out to find the line again. */
interface Referenced {
  readonly reference?: string | undefined;
}

interface OfClient extends Referenced {
  readonly client?: string | undefined;
}

/** What a person did, or somebody in their name; address and reference are added where it is emitted in a request. */
interface OfPerson extends OfClient {
  readonly account?: string | undefined;
  readonly organization?: string | undefined;
  readonly address?: string | undefined;
}

/** `code`: of an authenticator app; `app` and `new-passkey` were set up at this sign-in. */
interface UsesFactor {
  readonly factor?: 'code' | 'recovery' | 'passkey' | 'app' | 'new-passkey';
}

/** What the protocol refused: the name of oidc-provider's event. */
export type ProtocolRefusal = `${
  | 'authorization'
  | 'grant'
  | 'revocation'
  | 'introspection'
  | 'registration_create'
  | 'registration_read'
  | 'registration_update'
  | 'registration_delete'
  | 'end_session'
  | 'discovery'
  | 'jwks'}.error`;

interface Document {
  /** What kind of document, and where it is from; never the whole address. */
  readonly document: string;
  readonly host: string;
}

/**
 * Everything that happens here and that somebody may want to know, with the fields each has: the lines of the log are made
 * of it, and an audit trail reads it. Identifiers of clients and connections are public; tokens, codes and secrets are in none.
 * What the process says of itself (`start`, `stop`) is not here.
 */
export type Event =
  // The protocol.
  | ({ readonly event: 'registration' } & OfClient)
  | ({ readonly event: 'grant'; readonly grantType: unknown; readonly connection: string | undefined } & OfClient)
  | ({ readonly event: ProtocolRefusal; readonly error: string } & RefusalDetails & OfClient)
  | ({ readonly event: 'server_error'; readonly err: Error & { readonly statusCode?: number } } & OfClient)
  | {
      readonly event: 'registration.normalised';
      readonly client: string;
      readonly dropped: readonly string[];
      readonly changed: readonly string[];
    }
  | { readonly event: 'client.scope'; readonly client: string }
  // Connections.
  | ({ readonly event: 'consent'; readonly connection: string; readonly scopes?: number } & OfPerson)
  /** On whichever page; the account is known from sign-in on. */
  | ({ readonly event: 'consent.declined' } & OfPerson)
  | ({ readonly event: 'organization.chosen' } & OfPerson)
  | ({ readonly event: 'connection.changed'; readonly connection: string; readonly scopes: number } & OfPerson)
  | ({ readonly event: 'connection.renamed'; readonly connection: string } & OfPerson)
  /** By a person, a rule or the operator: `reason`. The client is that of the connection. */
  | ({ readonly event: 'connection.revoked'; readonly connection: string; readonly reason: string } & OfPerson)
  | ({ readonly event: 'role.unknown'; readonly role: string; readonly organization: string } & OfClient)
  /** `account` has the connection, `by` is who ended it. */
  | ({ readonly event: 'administrator.revoked'; readonly connection: string; readonly by: string } & OfPerson)
  // People.
  | ({ readonly event: 'sign_in'; readonly method: 'password' | 'passkey' | 'console' | 'provider' } & UsesFactor &
      OfPerson)
  /** The password was right, and a second factor is asked for; or what was shown for one was wrong. */
  | ({ readonly event: 'sign_in.second_step' | 'sign_in.factor_refused' } & UsesFactor & OfPerson)
  /** `recovery`: new recovery codes. `reset`: by the operator, all of them. */
  | ({ readonly event: 'factor.added' | 'factor.removed'; readonly factor: 'app' | 'passkey' } & OfPerson)
  | ({ readonly event: 'factor.recovery' } & OfPerson)
  | { readonly event: 'factor.reset'; readonly account: string; readonly factors: number }
  /** `account` is whose password it was not: the email that was typed may be a password, and is never logged. */
  | ({ readonly event: 'sign_in.refused' | 'sign_in.limited' | 'sign_in.busy' | 'sign_in.overloaded' } & OfPerson)
  /** Somebody came back from the console without being signed in; `stale`: its sign-in is older than was asked for. */
  | ({ readonly event: 'sign_in.hand_off_refused'; readonly reason: string } & OfPerson)
  | ({ readonly event: 'sign_out' | 'sign_out.everywhere' } & OfPerson)
  /** Of accounts that are kept here. `forgotten`: somebody asked for a link; no account: nobody has that email. */
  | ({ readonly event: 'password.forgotten' | 'password.reset' | 'password.changed' } & OfPerson)
  | ({ readonly event: 'invitation.accepted' } & OfPerson)
  // Mail. `kind`: what it is about; never to whom by name, nor what stands in it.
  | {
      readonly event: 'mail.sent';
      readonly kind: string;
      readonly account?: string | undefined;
      readonly tries: number;
    }
  | {
      readonly event: 'mail.failed';
      readonly kind: string;
      readonly account?: string | undefined;
      readonly tries: number;
      /** What failed, in a word of ours or the code of the server. */
      readonly check: string;
    }
  /** In development, where no mail server is set: the sentence is what would be sent. */
  | { readonly event: 'mail.printed'; readonly kind: string; readonly sentence: string }
  // Identity providers. `check`: which one failed, in a word of ours; nothing that was received.
  | ({
      readonly event: 'identity_provider.signed_in';
      readonly provider: string;
      readonly how: 'known' | 'created' | 'linked';
    } & OfPerson)
  | ({
      readonly event: 'identity_provider.refused';
      readonly provider: string | undefined;
      readonly reason: string;
      readonly check: string;
    } & OfPerson)
  | {
      readonly event: 'identity_provider.call';
      readonly provider: string;
      readonly outcome: string;
      readonly seconds: number;
    }
  | ({
      readonly event: 'identity_provider.logout';
      readonly provider: string;
      readonly status: number;
      readonly check?: string;
    } & OfPerson)
  // A console that has the accounts: what it called, and how it answers.
  | ({
      readonly event: 'console.accepted' | 'console.rejected' | 'console.events' | 'console.refused';
      readonly status: number;
    } & OfPerson)
  | {
      readonly event: 'directory.call';
      readonly question: string;
      readonly outcome: string;
      readonly seconds: number;
    }
  | { readonly event: 'directory.breaker'; readonly state: 'closed' | 'open' | 'half-open' }
  | { readonly event: 'directory.unavailable'; readonly question: string; readonly check: string }
  | { readonly event: 'directory.available' }
  // Proxies; the sentence is the whole of what went wrong.
  | { readonly event: 'forward-auth.misconfigured'; readonly sentence: string }
  | { readonly event: 'forward-auth.refused'; readonly code: string; readonly sentence: string }
  // Documents of clients on the web.
  | ({ readonly event: 'client_document.fetch'; readonly status: number; readonly 'cf-mitigated'?: string } & Document)
  | ({ readonly event: 'client_document.error'; readonly reason: string; readonly kind: string } & Document)
  | ({ readonly event: 'client_document.stale'; readonly reason: string; readonly fetchedAt: number } & Document)
  // This server and its store.
  | { readonly event: 'store'; readonly err: Error }
  | { readonly event: 'store.back' | 'clock.back' }
  | { readonly event: 'store.evicts'; readonly policy: string }
  | { readonly event: 'store.evicted'; readonly keys: number; readonly total: number }
  | { readonly event: 'clock'; readonly seconds: number }
  | { readonly event: 'overload'; readonly refused: number }
  | { readonly event: 'keys.lost'; readonly record: string }
  | { readonly event: 'proxy.untrusted'; readonly peer: string }
  | ({ readonly event: 'error'; readonly err: unknown } & Referenced)
  // What our own endpoints and pages refuse, and which check it was.
  | ({ readonly event: 'request.refused'; readonly status: number; readonly detail: string } & Referenced);

interface RefusalDetails {
  readonly description?: string | undefined;
  readonly detail?: string | undefined;
  readonly cause?: string;
}

export type EventName = Event['event'];
