/** Who a person is and which organizations they work for. One interface, whoever keeps the answer. */
export interface Directory {
  /**
   * The account of these credentials, or nothing. A wrong password, an unknown email and a disabled account are
   * indistinguishable: same answer, same work.
   */
  signIn(email: string, password: string): Promise<Account | undefined>;
  /** Nothing when the account is gone or disabled. */
  findAccount(accountId: string): Promise<Account | undefined>;
  /** Every organization the account may act for, ordered by name. */
  memberships(accountId: string): Promise<Membership[]>;
  /**
   * Nothing when the account is gone, disabled, or no longer (or never was) a member. Asked for every token, and for a
   * refresh before it is known whether the request is any good: whoever names a connection causes one question.
   */
  findMembership(accountId: string, organizationId: string): Promise<Membership | undefined>;
}

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface Organization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

export interface Membership {
  readonly organization: Organization;
  /** A role of the configuration: what it allows is `resources`' business. */
  readonly role: string;
}
