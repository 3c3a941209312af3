import type { Form, Frame } from '../http/index.ts';

/** What each template receives. */
export interface ForgottenPage extends Frame {
  readonly form: Form;
  readonly email: string;
  readonly error?: string;
  readonly signInHref: string;
}

/** A mail is on its way, if there is an account. */
export interface MailedPage extends Frame {
  readonly forgottenHref: string;
}

/** Two fields for a new password, with the account that they are for. */
export interface NewPasswordFields {
  readonly form: Form;
  /** Of the account, for a password manager as well. */
  readonly email: string;
  readonly minLength: number;
  readonly error?: string;
  readonly wrongFields: readonly ('name' | 'current' | 'password' | 'repeated')[];
}

export interface NewPasswordPage extends Frame, NewPasswordFields {
  /** Whether tools end with it, or may by choice. */
  readonly connections: 'end' | 'choice';
}

export interface InvitationPage extends Frame, NewPasswordFields {
  readonly organization: string;
  readonly role: string;
  readonly name: string;
}

/** What became of a link. */
export interface LinkPage extends Frame {
  readonly heading: string;
  readonly explanation: string;
  readonly isGood: boolean;
  /** Where they go on. */
  readonly href: string;
  readonly button: string;
}
