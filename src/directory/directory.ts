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
  /**
   * Claims of one's own for every access token of this account and organization, at the first and at each renewal. What a
   * token says by itself cannot be replaced by them. Asked when all else is known to be good: what it throws is a failure
   * like that of any other question, and nothing was taken yet.
   */
  claimsFor?(accountId: string, organizationId: string): Promise<Readonly<Record<string, unknown>>>;
  /**
   * `findAccount` and `memberships` in one question, for a directory where one is less work than two: most pages ask
   * both. Whoever wraps another directory and changes one of the answers leaves it out, or changes it there, too.
   */
  findAccountWithMemberships?(accountId: string): Promise<AccountWithMemberships | undefined>;
}

interface AccountWithMemberships {
  readonly account: Account;
  readonly memberships: Membership[];
}

/** Of any directory, in as few questions as it takes. */
export async function findAccountWithMemberships(
  directory: Directory,
  accountId: string,
): Promise<AccountWithMemberships | undefined> {
  if (directory.findAccountWithMemberships) return directory.findAccountWithMemberships(accountId);
  const [account, memberships] = await Promise.all([
    directory.findAccount(accountId),
    directory.memberships(accountId),
  ]);
  return account && { account, memberships };
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
