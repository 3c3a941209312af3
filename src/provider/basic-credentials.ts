import { basicAuthorization } from '@bkend/mcp-gateway/vocabulary';
import type Provider from 'oidc-provider';

/** Who a client says it is, by HTTP Basic. */
export interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/**
 * What a header may mean (R58): form-encoded, as RFC 6749 §2.3.1 wants it, or as it is, as many clients write it
 * (`btoa(id + ':' + secret)`). No look at it tells which: `a+b` may be a secret of `openssl rand -base64`, or one with a
 * blank, encoded. The standard reading comes first; most headers have no other.
 */
export function readBasic(header: string): Credentials[] {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  // The URL of a metadata document, as it is: the only id with a colon inside, and never with a secret.
  const [, id, secret = ''] = /^(https:\/\/\S+):$/.exec(text) ?? /^([^:\s]+):(.*)$/s.exec(text) ?? [];
  if (!id) return [];
  const decoded = { id: decodeForm(id), secret: decodeForm(secret) };
  const isPlain = decoded.id === id && decoded.secret === secret;
  return [decoded, ...(isPlain ? [] : [{ id, secret }])].filter(isReadable);
}

/** RFC 6749 appendix A.1, A.2: printable ASCII. */
function isReadable(credentials: { id: string | undefined; secret: string | undefined }): credentials is Credentials {
  return [credentials.id, credentials.secret].every((text) => text !== undefined && /^[\x20-\x7e]*$/.test(text));
}

/** So that there is one reading only. */
export function writeBasic({ id, secret }: Credentials): string {
  return basicAuthorization({ clientId: id, clientSecret: secret });
}

/** The first of these that are right, by the provider's own comparison, which takes as long for every secret. */
export async function findRightful(readings: readonly Credentials[], provider: Provider) {
  for (const credentials of readings) {
    // A client of a metadata document has no secret, and asking for it would fetch the document.
    if (credentials.secret === '' || credentials.id.startsWith('https://')) continue;
    const client = await provider.Client.find(credentials.id);
    if (client?.clientSecret && (await client.compareClientSecret(credentials.secret))) return { credentials, client };
  }
  return undefined;
}

function decodeForm(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    return undefined;
  }
}
