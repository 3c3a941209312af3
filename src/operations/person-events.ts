/** What a person or an operator reads out to find the line again. */
export interface Referenced {
  readonly reference?: string | undefined;
}

export interface OfClient extends Referenced {
  readonly client?: string | undefined;
}

/** What a person did, or somebody in their name; address and reference are added where it is emitted in a request. */
export interface OfPerson extends OfClient {
  readonly account?: string | undefined;
  readonly organization?: string | undefined;
  readonly address?: string | undefined;
}

/** `code`: of an authenticator app; `app` and `new-passkey` were set up at this sign-in. */
interface UsesFactor {
  readonly factor?: 'code' | 'recovery' | 'passkey' | 'app' | 'new-passkey';
}

/** Signing in and out, what an account has for that, and what is mailed about it. */
export type PersonEvent =
  | ({ readonly event: 'sign_in'; readonly method: 'password' | 'passkey' | 'console' | 'provider' } & UsesFactor &
      OfPerson)
  /** The password was right, and a second factor is asked for; or what was shown for one was wrong. */
  | ({ readonly event: 'sign_in.second_step' | 'sign_in.factor_refused' } & UsesFactor & OfPerson)
  /** `recovery`: new recovery codes. `reset`: by the operator, all of them. */
  | ({
      readonly event: 'factor.added' | 'factor.renamed' | 'factor.removed';
      readonly factor: 'app' | 'passkey';
    } & OfPerson)
  | ({ readonly event: 'factor.recovery' } & OfPerson)
  | { readonly event: 'account.deleted'; readonly account: string }
  | { readonly event: 'organization.deleted'; readonly organization: string }
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
  | { readonly event: 'mail.printed'; readonly kind: string; readonly sentence: string };
