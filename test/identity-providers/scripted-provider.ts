import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';

type Claims = Record<string, unknown>;
/** What an endpoint answers in place of what it should. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

/** What it does wrong, for one test. */
export interface Script {
  idToken?: (claims: Claims) => Claims;
  sign?: (claims: Claims) => Promise<string>;
  userinfo?: Claims;
  metadata?: Claims;
  /** Offers to take pushed requests. */
  pushes?: boolean;
  callback?: (parameters: URLSearchParams) => void;
  answers?: Partial<Record<'/.well-known/openid-configuration' | '/token' | '/jwks' | '/userinfo' | '/par', Answer>>;
}

export type ScriptedProvider = Awaited<ReturnType<typeof startScriptedProvider>>;

/** A provider that says what a test wants it to, in ways that an honest one of somebody's making cannot be made to. */
export async function startScriptedProvider(clientId = 'mcp-auth') {
  const mine = await keyPair('scripted-1');
  const asked: URL[] = [];
  const calls: string[] = [];
  const codes = new Map<string, string>();
  const pushed = new Map<string, URLSearchParams>();
  let script: Script = {};
  let issuer = '';

  const metadata = (): Claims => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    end_session_endpoint: `${issuer}/end`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
    ...(script.pushes && { pushed_authorization_request_endpoint: `${issuer}/par` }),
    ...script.metadata,
  });

  const claimsFor = (nonce: string): Claims => {
    const now = Math.floor(Date.now() / 1000);
    return {
      ...{ iss: issuer, aud: clientId, sub: 's-1', iat: now, exp: now + 300, auth_time: now, nonce },
      ...{ email: 'ada@scripted.example', email_verified: true, name: 'Ada' },
    };
  };

  const sign = (claims: Claims, header: object = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'scripted-1', ...header }).sign(mine.privateKey);

  /** RFC 9126 */
  async function push(request: IncomingMessage, response: ServerResponse) {
    const uri = `urn:ietf:params:oauth:request_uri:${pushed.size}`;
    pushed.set(uri, await readForm(request));
    json(response, { request_uri: uri, expires_in: 60 }, 201);
  }

  function authorize(asking: URL, response: ServerResponse) {
    const form = pushed.get(asking.searchParams.get('request_uri') ?? '');
    const url = form ? new URL(`?${form}`, asking) : asking;
    asked.push(url);
    const code = `code-${asked.length}`;
    codes.set(code, url.searchParams.get('nonce') ?? '');
    const parameters = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '', iss: issuer });
    script.callback?.(parameters);
    response.writeHead(303, { location: `${url.searchParams.get('redirect_uri')}?${parameters}` }).end();
  }

  async function token(request: IncomingMessage, response: ServerResponse) {
    const code = (await readForm(request)).get('code') ?? '';
    const claims = claimsFor(codes.get(code) ?? '');
    const said = script.idToken?.(claims) ?? claims;
    json(response, {
      ...{ access_token: `access-${code}`, token_type: 'Bearer' },
      id_token: await (script.sign ?? sign)(said),
    });
  }

  const honest: Record<string, (url: URL, response: ServerResponse, request: IncomingMessage) => unknown> = {
    '/authorize': authorize,
    '/par': (_url, response, request) => push(request, response),
    '/token': (_url, response, request) => token(request, response),
    '/jwks': (_url, response) => json(response, { keys: [mine.jwk] }),
    '/userinfo': (_url, response) => json(response, { sub: 's-1', ...script.userinfo }),
    '/.well-known/openid-configuration': (_url, response) => json(response, metadata()),
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    calls.push(url.pathname);
    const own = script.answers?.[url.pathname as '/token'];
    if (own) return own(response, request);
    return honest[url.pathname]?.(url, response, request) ?? response.writableEnded;
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  issuer = `http://localhost:${(server.address() as { port: number }).port}`;

  return {
    issuer,
    asked,
    calls,
    sign,
    unsigned: async (claims: Claims) => new UnsecuredJWT(claims).encode(),
    /** By a key that is not the provider's, under the name of its own. */
    async signByStranger(claims: Claims) {
      const { privateKey } = await keyPair('scripted-1');
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'scripted-1' }).sign(privateKey);
    },
    /** HS256 with what everybody can read (RFC 8725 §2.1). */
    signByPublicKey: (claims: Claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(JSON.stringify(mine.jwk))),
    plays(next: Script) {
      script = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(response: ServerResponse, body: unknown, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export const readForm = async (request: IncomingMessage) => new URLSearchParams(await text(request));

async function keyPair(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } as JWK };
}
