/** As what a client is known to the authorization server. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** RFC 6749 §2.3.1: each part is form-encoded before they are joined, or a colon or plus in one would be misread. */
export function basicAuthorization({ clientId, clientSecret }: ClientCredentials): string {
  return `Basic ${btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)}`;
}

/** RFC 6749, appendix B: the encoding of forms, by the platform's own serializer. Its result is ASCII. */
function formEncode(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice('_='.length);
}
