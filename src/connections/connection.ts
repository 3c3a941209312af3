/**
 * What was approved: one account, one installation of one client, one organization, one resource, some scopes.
 * It is a Grant of oidc-provider plus what we know about it, in one record; its id is the grant id.
 * Times are seconds since the epoch.
 */
export interface Connection {
  readonly id: string;
  readonly accountId: string;
  readonly clientId: string;
  /** As the client claimed it when the person approved. */
  readonly clientName: string;
  /** Of the client's metadata document, if it is described by one. */
  readonly documentHost?: string;
  /** Host, or `scheme:`, to which the browser was sent. */
  readonly redirectHost: string;
  /** Of the browser that approved, where the client's id says nothing about the installation. */
  readonly mark?: string;
  /** Nothing of it was redeemed yet: it is no connection to anybody but the code that leads to it. */
  readonly pending?: true;
  readonly organizationId: string;
  readonly resource: string;
  /** What the person left ticked; what a token carries may be less, when the role allows less. Grows only by an approval. */
  readonly scopes: readonly string[];
  /** `openid`, `offline_access` and the like. */
  readonly identityScopes: readonly string[];
  /** Its lines of refresh tokens: one for each code that was redeemed. */
  readonly lines: readonly string[];
  /** What its person calls it. */
  readonly label: string;
  readonly createdAt: number;
  /** The last time, if it was approved again. */
  readonly approvedAt?: number;
  readonly lastUsedAt: number;
  /** How its person had signed in when they approved it. */
  readonly signIn?: ApprovedWith;
  /** Of the browser that approved. */
  readonly address: string;
  readonly userAgent: string;
}

interface ApprovedWith {
  /** Seconds since the epoch. */
  readonly at: number;
  /** RFC 8176 §2. */
  readonly amr: readonly string[];
  readonly acr?: string | undefined;
  /** The identity provider, where it was one. */
  readonly provider?: string | undefined;
}

/** Why what a connection stands for is another than it was. */
export type ChangeReason = 'organization changed' | 'permissions narrowed';
