/**
 * What each template receives: one type a page, nothing else (`_with: false`). Everything is text, ready to show;
 * every URL is complete; templates only choose and repeat.
 */

import type { ClientIdentity, Destination } from '../clients/index.ts';
import type { Form, Frame } from '../http/index.ts';
import type { Permissions } from '../resources/index.ts';
import type { RefusalWords, SignInFormPage, SignInLink } from '../sign-in/index.ts';

/** Who asks, and how far that is known. */
export interface Requester extends ClientIdentity {
  /** Host, or `scheme:` of a private-use redirect, where the browser goes afterwards. */
  readonly destination: string;
  /** What it is: this computer, an app on this computer, or a website. */
  readonly destinationKind: Destination['kind'];
  /** The browser is sent to this computer: anything running on it may listen. */
  readonly loopback: boolean;
}

export interface SignInPage extends SignInFormPage {
  readonly decline: Form;
  readonly requester: Requester;
  /** When another account is signed in already: back to it without a password. */
  readonly back?: { readonly href: string; readonly email: string };
}

/** Before anything is approved for an organization whose people sign in at a certain place. */
export interface PlaceRequiredPage extends Frame {
  readonly organization: string;
  readonly requester: Requester;
  readonly decline: Form;
  readonly ways: readonly SignInLink[];
  /** Where there are other organizations. */
  readonly changeHref?: string;
}

/** The same for one that wants a second factor; on to where it is shown, or set up. */
export type FactorRequiredPage = Omit<PlaceRequiredPage, 'ways'> & { readonly goOnHref: string };

/** Back from a place where people have an account, and not signed in. */
export interface SignInRefusedPage extends Frame, RefusalWords {
  readonly retryHref: string;
  /** Where there are other ways in. */
  readonly choiceHref?: string;
  /** In a flow: to the tool without being signed in. */
  readonly decline?: Form;
}

export interface OrganizationPage extends Frame {
  readonly decline: Form;
  readonly requester: Requester;
  readonly account: SignedInAccount;
  /** When there are many. */
  readonly search?: { readonly action: string; readonly text: string; readonly allHref?: string };
  /** Where one gets another, told the way back. */
  readonly createHref: string;
  /** The last used or chosen first, then by name; of those that were searched for. */
  readonly organizations: readonly {
    readonly name: string;
    readonly role: string;
    readonly href: string;
    readonly lastUsed: boolean;
  }[];
  /** The request or an old link named one that this account cannot use. */
  readonly error?: string;
}

export interface SignedInAccount {
  readonly name: string;
  readonly email: string;
  /** To the sign-in page of the same flow. */
  readonly changeHref: string;
}

export interface ConsentPage extends Frame, Permissions {
  readonly form: Form;
  readonly decline: Form;
  readonly requester: Requester;
  readonly account: SignedInAccount;
  readonly organization: {
    readonly slug: string;
    readonly name: string;
    readonly role: string;
    readonly changeHref?: string;
  };
  readonly resource: { readonly name: string; readonly uri: string };
  /** What the tool is told about the person, a sentence each. */
  readonly learns: readonly string[];
  /** This installation is connected for this organization: what it has then is shown, and goes on. */
  readonly again?: {
    readonly connection: string;
    readonly label: string;
    /** What it has, as the form says it again. */
    readonly shown: string;
    readonly asksForMore: boolean;
  };
  /** How long the connection lasts, in one sentence. */
  readonly duration: string;
  /** Where to revoke. */
  readonly accountHref: string;
  readonly error?: string;
}

/** What stays in the tab when the flow is over, and leads to the tool. */
export interface ReceiptPage extends Frame {
  /** `used`: approved, and the tool has redeemed the code. */
  readonly outcome: 'approved' | 'used' | 'declined' | 'failed';
  readonly requester: Requester;
  readonly destination: Destination['kind'];
  /** Where the tool waits. */
  readonly href?: string;
  /** For how long that link works, in words. */
  readonly linkWorks: string;
  /** Only where something was approved: the organization's name, how long the connection lasts, and where to end it. */
  readonly organization?: string;
  readonly duration?: string;
  readonly accountHref?: string;
}

/** Names a place that is not ours, and to which only the person may go. */
export interface DeparturePage extends Frame {
  readonly signedOut: boolean;
  readonly href: string;
  readonly place: string;
  readonly destination: Destination['kind'];
  /** Who asked to be answered there, where the request names a client. */
  readonly requester?: Requester;
  readonly elsewhere?: SignOutElsewhere;
}

/** Where somebody signed in, and is still signed in. */
export interface SignOutElsewhere {
  readonly href: string;
  readonly host: string;
}

export interface NoOrganizationPage extends Frame {
  readonly decline: Form;
  readonly requester: Requester;
  readonly account: SignedInAccount;
  /** Where one gets an organization, told the way back. */
  readonly createHref: string;
  /** Looks again, after the person got an organization. */
  readonly retryHref: string;
}

/** For whoever opens this server, or the URL that is meant for tools, in a browser. */
export interface WelcomePage extends Frame {
  readonly servers: readonly { readonly name: string; readonly uri: string; readonly command: string }[];
  readonly accountHref: string;
}

/** The fields that oidc-provider checks when the form comes back. */
export interface SignOutPage extends Frame {
  readonly action: string;
  readonly xsrf: string;
}

export interface SignedOutPage extends Frame {
  readonly elsewhere?: SignOutElsewhere;
}

export interface ErrorPage extends Frame {
  /** What happened, in a few plain words; then why, and what to do now. */
  readonly heading: string;
  readonly explanation: string;
  /** What the protocol says of it, in its own English words. */
  readonly said?: string;
  /** Steps the person can take, if there are any. */
  readonly steps: readonly string[];
  /** Who asked for what could not be done, where that is known. */
  readonly requester?: Requester;
  /** Also in the log. */
  readonly reference: string;
  /** The link for who does not want to wait. */
  readonly again?: string;
  /** Back to the tool, by a form of the flow or by a link. */
  readonly decline?: Form;
  readonly leaveHref?: string;
}
