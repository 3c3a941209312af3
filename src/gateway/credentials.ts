/** As what this gateway is known to the authorization server: the `client` of its resource. */
export interface GatewayCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** RFC 6749 §2.3.1: each part is form-encoded before they are joined, or a colon or plus in one would be misread. */
export function basicAuthorization({ clientId, clientSecret }: GatewayCredentials): string {
  const pair = [clientId, clientSecret].map((part) => encodeURIComponent(part).replaceAll('%20', '+')).join(':');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
