/**
 * What each template of the account receives: one type a page, nothing else. Everything is text, ready to show; every
 * URL is complete; templates only choose and repeat.
 */
import type { ClientIdentity } from '../clients/index.ts';
import type { Form, Frame } from '../http/index.ts';
import type { NewPasswordFields } from '../passwords/index.ts';
import type { Permissions } from '../resources/index.ts';
import type { SignInFormPage } from '../sign-in/index.ts';

/** On every page of somebody who is signed in. */
export interface SignedInFrame extends Frame {
  readonly account: { readonly name: string; readonly email: string; readonly signOutHref: string };
  /** What was just done. */
  readonly flash?: string;
}

export interface AccountSignInPage extends SignInFormPage {
  /** Why somebody who is signed in sees this page. */
  readonly again: boolean;
}

export interface OverviewPage extends SignedInFrame {
  /** Where they have a password here. */
  readonly passwordHref?: string;
  readonly groups: readonly ConnectionGroup[];
  readonly paging?: Paging;
  /** To what the account has beside its password; absent where its person signs in elsewhere. */
  readonly securityHref?: string;
  /** Those that this account administers. */
  readonly organizations: readonly { readonly name: string; readonly role: string; readonly href: string }[];
}

/** What the account has beside its password. */
export interface SecurityPage extends SignedInFrame {
  readonly factors: readonly FactorRow[];
  readonly codesLeft: number;
  readonly recoveryCodesHref: string;
  readonly ways: readonly { readonly href: string; readonly way: 'app' | 'new-passkey' }[];
  readonly overviewHref: string;
}

interface FactorRow {
  /** Its person's name for it, or none. */
  readonly name: string;
  readonly kind: 'app' | 'passkey';
  readonly added: RelativeTime;
  /** Absent: not used yet. */
  readonly used?: RelativeTime;
  readonly renameHref: string;
  /** Absent: it is the last one, and there has to be one. */
  readonly removeHref?: string;
}

export interface OrganizationConnectionsPage extends SignedInFrame {
  readonly organization: { readonly name: string };
  readonly groups: readonly ConnectionGroup[];
  readonly paging?: Paging;
  readonly overviewHref: string;
}

/** Where one is in a list that is too long for one page. */
export interface Paging {
  /** `51 to 100 of 1,000, the newest first` */
  readonly words: string;
  readonly newerHref?: string;
  readonly olderHref?: string;
}

/** The connections of what calls itself by one name. */
export interface ConnectionGroup {
  readonly client: ClientIdentity;
  /** By organization, in the order of their names. */
  readonly places: readonly { readonly organization: string; readonly connections: readonly ConnectionRow[] }[];
  /** When there are several to end. */
  readonly disconnectHref?: string;
}

export interface ConnectionRow {
  readonly label: string;
  /** To its page, or to ending it where that is all one may do. */
  readonly href: string;
  readonly act: 'manage' | 'disconnect-one';
  readonly organization: string;
  /** Who made it, where that may be somebody else. */
  readonly person?: string;
  /** When it got its last token, which is all that is known of its use: in words, and for machines. */
  readonly renewed: RelativeTime;
  readonly approved: RelativeTime;
  /** When it ends if it is not used before: the day, and for machines. */
  readonly until: RelativeTime;
  /** `Chrome on Mac, 192.0.2.1` */
  readonly approvedFrom: string;
  /** What it may do today, in the catalogue's sentences. */
  readonly permissions: Permissions['groups'];
  readonly permissionCount: string;
  readonly destructive: boolean;
  /** Its person is no longer a member: it ends at its next use. */
  readonly ending: boolean;
}

export interface RelativeTime {
  readonly words: string;
  readonly iso: string;
}

export interface ConnectionPage extends SignedInFrame {
  readonly connection: ConnectionRow;
  readonly client: ClientIdentity & { readonly redirectHost: string };
  readonly role: string;
  readonly resource: { readonly uri: string };
  /** About the person. */
  readonly learns: readonly string[];
  readonly renameHref: string;
  /** Not where there is nothing left to change. */
  readonly changeHref?: string;
  readonly disconnectHref: string;
  readonly overviewHref: string;
}

export interface RenamePage extends SignedInFrame {
  readonly form: Form;
  /** What the name is for. */
  readonly lead: string;
  readonly label: string;
  readonly maxLength: number;
  readonly cancelHref: string;
  readonly error?: string;
}

export interface PasswordPage extends SignedInFrame, NewPasswordFields {
  /** Whether tools end with it, or may by choice. */
  readonly connections: 'end' | 'choice';
  readonly cancelHref: string;
}

export interface ChangePage extends SignedInFrame, Permissions {
  readonly form: Form;
  readonly label: string;
  readonly client: ClientIdentity;
  readonly resource: { readonly uri: string };
  /** The one that the permissions below are for. */
  readonly organization: { readonly slug: string; readonly name: string; readonly role: string };
  /** All there are, if there is a choice. */
  readonly organizations: readonly OrganizationChoice[];
  readonly cancelHref: string;
  readonly error?: string;
}

interface OrganizationChoice {
  readonly name: string;
  readonly role: string;
  readonly href: string;
  readonly isChosen: boolean;
  readonly isCurrent: boolean;
}

/** Asks before something that cannot be taken back. */
export interface ConfirmPage extends SignedInFrame {
  readonly form: Form;
  readonly heading: string;
  readonly explanation: string;
  /** What it is about, a line each. */
  readonly subjects: readonly { readonly name: string; readonly note: string }[];
  /** Whose connection it is, if it is about one. */
  readonly client?: ClientIdentity;
  readonly button: string;
  readonly destructive: boolean;
  readonly cancelHref: string;
  readonly more?: { readonly href: string; readonly words: string };
}
