/** Where each page of the account is. A form is sent to the page that shows it. */
export interface Links {
  readonly overview: string;
  readonly signOut: string;
  readonly password: string;
  readonly signOutEverywhere: string;
  readonly security: string;
  addFactor(way: 'app' | 'new-passkey'): string;
  renameFactor(id: string): string;
  removeFactor(id: string): string;
  readonly recoveryCodes: string;
  /** Back `to` a page of the account afterwards. */
  signIn(to: string): string;
  readonly signInPath: string;
  /** Where a second factor is sent. */
  secondStep(to: string): string;
  /** Whether that is one to come back to: a link to the sign-in page must not send people elsewhere. */
  leadsBackTo(pathname: string): boolean;
  connection(id: string): string;
  rename(id: string): string;
  change(id: string, organizationSlug?: string): string;
  disconnect(id: string): string;
  disconnectClient(clientKey: string): string;
  organization(slug: string): string;
  disconnectMember(slug: string, connectionId: string): string;
}

export function createLinks(account: string): Links {
  const part = encodeURIComponent;
  const connection = (id: string) => `${account}/connections/${part(id)}`;
  const organization = (slug: string) => `${account}/organizations/${part(slug)}`;
  const own = new RegExp(`^${RegExp.escape(account)}(/(?!sign-in)|$)`);
  return {
    overview: account,
    signOut: `${account}/sign-out`,
    password: `${account}/password`,
    signOutEverywhere: `${account}/sign-out/everywhere`,
    security: `${account}/security`,
    addFactor: (way) => `${account}/security/${way}`,
    renameFactor: (id) => `${account}/security/factors/${part(id)}/rename`,
    removeFactor: (id) => `${account}/security/factors/${part(id)}/remove`,
    recoveryCodes: `${account}/security/recovery-codes`,
    signInPath: `${account}/sign-in`,
    secondStep: (to) => `${account}/sign-in/factor?to=${part(to)}`,
    signIn: (to) => `${account}/sign-in?to=${part(to)}`,
    leadsBackTo: (pathname) => own.test(pathname),
    connection,
    rename: (id) => `${connection(id)}/rename`,
    change: (id, slug) => `${connection(id)}/change${slug === undefined ? '' : `?organization=${part(slug)}`}`,
    disconnect: (id) => `${connection(id)}/disconnect`,
    disconnectClient: (clientKey) => `${account}/clients/disconnect?client=${part(clientKey)}`,
    organization,
    disconnectMember: (slug, connectionId) => `${organization(slug)}/connections/${part(connectionId)}/disconnect`,
  };
}
