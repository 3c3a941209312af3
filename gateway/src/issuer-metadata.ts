import { GatewayError } from './gateway-error.ts';

/** The part of `fetch` that the kit uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const FETCH_TIMEOUT_MS = 5_000; // a request waits for this once; the client's own patience is rarely below 10 s

/** Where the issuer publishes its keys, as its own metadata says (RFC 8414). */
export async function loadJwksUri(issuer: string, fetch: Fetch): Promise<string> {
  return loadEndpoint(issuer, 'jwks_uri', fetch);
}

async function loadOwnMetadata(issuer: string, fetch: Fetch): Promise<Record<string, unknown>> {
  const metadata = await loadIssuerMetadata(issuer, fetch);
  // RFC 8414 §3.3: byte-identical, or the document of another issuer could bring its own keys.
  if (metadata.issuer !== issuer) {
    throw unavailable(`The metadata of ${issuer} calls its issuer ${JSON.stringify(metadata.issuer)}`);
  }
  return metadata;
}

/** Another endpoint that the metadata names. */
export async function loadEndpoint(issuer: string, member: string, fetch: Fetch): Promise<string> {
  const metadata = await loadOwnMetadata(issuer, fetch);
  return checkedUrl(issuer, member, metadata[member]);
}

/** The places where the metadata may be, the one of RFC 8414 §3.1 first; a terminating slash is removed before insertion. */
function issuerMetadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

async function loadIssuerMetadata(issuer: string, fetch: Fetch): Promise<Record<string, unknown>> {
  for (const url of issuerMetadataUrls(issuer)) {
    const response = await load(url, fetch);
    if (response.ok) return parseObject(url, await response.text());
    // Only "not here" leads to the next place; a server in trouble is not asked three times.
    if (response.status >= 500) throw unavailable(`${url} answered ${response.status}`);
  }
  throw unavailable(`${issuer} publishes no metadata`);
}

async function load(url: string, fetch: Fetch): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    });
  } catch (cause) {
    throw unavailable(`${url} cannot be reached`, cause);
  }
}

function parseObject(url: string, text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch (cause) {
    throw unavailable(`${url} is not JSON`, cause);
  }
}

function checkedUrl(issuer: string, member: string, url: unknown): string {
  if (typeof url !== 'string' || !URL.canParse(url)) throw unavailable(`${issuer} publishes no ${member}`);
  // RFC 8414 §2: https. Keys fetched in the clear could be anyone's; only an issuer that is itself on http may.
  if (issuer.startsWith('https:') && !url.startsWith('https:')) throw unavailable(`${url} is not https`);
  return url;
}

function unavailable(message: string, cause?: unknown): GatewayError {
  return new GatewayError('ISSUER_UNAVAILABLE', message, { cause });
}
