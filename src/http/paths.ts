/** Where our pages are: all below the issuer's path, so that a proxy hands on `P/oauth/*`, and two servers share one host. */
export interface Paths {
  /** Of all interactions; each has its own below it. */
  readonly interactions: string;
  readonly account: string;
  /** To choose a password that was forgotten, and to accept an invitation. */
  readonly password: string;
  readonly invitation: string;
  readonly assets: string;
  /** Pictures of clients, each by its hash. */
  readonly logos: string;
  interaction(uid: string): string;
}

/** Complete public paths, so that they are right wherever the application is mounted. */
export function createPaths(issuer: string): Paths {
  const base = `${pathOfIssuer(issuer)}/oauth`;
  const interactions = `${base}/interaction`;
  return {
    interactions,
    account: `${base}/account`,
    password: `${base}/password`,
    invitation: `${base}/invitation`,
    assets: `${base}/assets`,
    logos: `${base}/logos`,
    interaction: (uid) => `${interactions}/${encodeURIComponent(uid)}`,
  };
}

/** The page of a form that was sent to `path`; in a flow it shows the step that comes next, whatever was sent before. */
export function pageOfForm(path: string, { interactions, account, password, invitation }: Paths): string | undefined {
  if (path.startsWith(`${password}/`) || path.startsWith(`${invitation}/`)) return path;
  if (path.startsWith(`${interactions}/`)) {
    const end = path.indexOf('/', interactions.length + 1);
    return end < 0 ? path : path.slice(0, end);
  }
  return path === account || path.startsWith(`${account}/`) ? account : undefined;
}

/** The path of the issuer without a trailing slash: `/mcp`, or empty. */
export function pathOfIssuer(issuer: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '');
}

/**
 * Whether a path may be ours where a host has routes of its own: below `P/oauth/`, or a well-known document (RFC 8615).
 * Everything else that we might answer, such as what is only for guesses or for probes, belongs to the host.
 */
export function isForUs(issuer: string, path: string): boolean {
  const asked = path.toLowerCase();
  return asked.startsWith(`${pathOfIssuer(issuer)}/oauth/`.toLowerCase()) || asked.includes('/.well-known/');
}
