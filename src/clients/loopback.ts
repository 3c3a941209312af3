const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The names of this computer that RFC 8252 §7.3 and oidc-provider know. */
export function isLoopbackHost(hostname: string): boolean {
  return loopbackHosts.has(hostname);
}

/** An http URI of this computer, as spelled: no `127.1`, no `localhost.`, nothing that another parser reads otherwise. */
export const loopbackUri =
  /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?<path>(?:\/[^?#]*)?)(?<query>(?:\?[^#]*)?)$/i;
