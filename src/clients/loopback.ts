export { isLoopbackHost } from '@bkend/mcp-gateway/vocabulary';

/**
 * An http URI of this computer, by the three names that RFC 8252 §7.3 and oidc-provider know, as spelled: no `127.1`, no
 * `localhost.`, nothing that another parser reads otherwise.
 */
export const loopbackUri =
  /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?<path>(?:\/[^?#]*)?)(?<query>(?:\?[^#]*)?)$/i;
