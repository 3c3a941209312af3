/** Which hosts may describe clients by documents at their ids. */
export interface HostLists {
  /** Host names, or `*.` with a domain for everything below it. Empty: every host. */
  readonly allow: readonly string[];
  /** Wins over `allow`. */
  readonly deny: readonly string[];
}

/** The host of a client whose id is the https URL of its metadata document; nothing for any other id. */
export function findDocumentHost(clientId: string): string | undefined {
  const url = URL.canParse(clientId) ? new URL(clientId) : undefined;
  return url?.protocol === 'https:' ? hostOf(url) : undefined;
}

export function isWelcomeHost(host: string, { allow, deny }: HostLists): boolean {
  return !matchesAny(host, deny) && (allow.length === 0 || matchesAny(host, allow));
}

/** Without the brackets of IPv6 and the dot of a fully qualified name, which would slip past the lists. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function matchesAny(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern));
}
