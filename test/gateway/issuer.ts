import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { systemClock } from '../../src/clock.ts';
import { listening } from '../support/listening.ts';

/** A whole authorization server in the eyes of a gateway: metadata, keys, signed tokens. */
export interface Issuer extends AsyncDisposable {
  readonly url: string;
  readonly jwksUri: string;
  /** What its metadata says; a test may change it. */
  metadata: Record<string, unknown>;
  /** The status with which it answers everything, when it is not itself. */
  trouble: number | undefined;
  /** The paths it was asked for, in order. */
  readonly asked: string[];
  /** Signs with a new key from now on, and publishes only that. */
  rotate(): Promise<void>;
  publicKey(): JWK;
  /** A good token for the resource, but for what is overridden; `undefined` leaves a claim out. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export const RESOURCE = 'https://gateway.example/mcp';
export const METADATA = '/.well-known/oauth-protected-resource';
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export const CLAIMS = {
  sub: 'account-ada',
  client_id: 'dyn-editor',
  scope: 'organization:read project:read',
  org_id: 'org-1',
  org_slug: 'acme',
  org_role: 'owner',
  grant_id: 'connection-1',
  jti: 'token-1',
};

export async function createIssuer(clock = systemClock): Promise<Issuer> {
  let key = await createKey('key-1');
  let rotations = 1;
  const { origin, ...served } = await listening((req, res) => {
    const path = req.url ?? '';
    issuer.asked.push(path);
    const documents: Record<string, unknown> = {
      '/.well-known/oauth-authorization-server/mcp': issuer.metadata,
      '/mcp/oauth/jwks': { keys: [key.jwk] },
    };
    res.writeHead(issuer.trouble ?? (documents[path] ? 200 : 404), { 'content-type': 'application/json' });
    res.end(JSON.stringify(documents[path] ?? {}));
  });
  const url = `${origin}/mcp`;
  const jwksUri = `${url}/oauth/jwks`;
  const issuer: Issuer = {
    url,
    jwksUri,
    metadata: { issuer: url, jwks_uri: jwksUri },
    trouble: undefined,
    asked: [],
    async rotate() {
      rotations += 1;
      key = await createKey(`key-${rotations}`);
    },
    publicKey: () => key.jwk,
    sign(claims = {}, header = {}) {
      const now = clock.seconds();
      const payload = { iss: url, aud: RESOURCE, iat: now, exp: now + 3600, ...CLAIMS, ...claims };
      const known = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
      const protectedHeader = { alg: 'ES256', kid: key.jwk.kid as string, typ: 'at+jwt', ...header };
      return new SignJWT(known as JWTPayload).setProtectedHeader(protectedHeader).sign(key.privateKey);
    },
    ...served,
  };
  return issuer;
}

async function createKey(kid: string): Promise<{ privateKey: CryptoKey; jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}
