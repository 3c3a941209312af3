import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { SignJwt } from '../../src/console/index.ts';

export const ada = { id: 'u_1', email: 'ada@example.com', name: 'Ada Lovelace', disabled: false };
export const acme = { organization: { id: 'o_7', slug: 'acme', name: 'Acme Corp' }, role: 'owner' };
export const globex = { organization: { id: 'o_8', slug: 'globex', name: 'Globex' }, role: 'viewer' };

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** A directory that behaves as a test says, over real HTTP; by default as a console should. */
export async function aDirectoryServer() {
  const answers: Record<string, unknown> = {
    '/directory/accounts/u_1': ada,
    '/directory/accounts/u_1/memberships': [globex, acme],
    '/directory/accounts/u_1/memberships/o_7': acme,
    '/directory/accounts/u_1/memberships/o_8': globex,
  };
  const asked: { path: string; etag: string | undefined; token: string | undefined }[] = [];
  const wellBehaved: Behaviour = (request, response) => {
    const found = answers[request.url ?? ''];
    const etag = `"${Buffer.from(JSON.stringify(found ?? ''))
      .toString('base64url')
      .slice(-20)}"`;
    const status = found === undefined ? 404 : request.headers['if-none-match'] === etag ? 304 : 200;
    response.writeHead(status, { 'content-type': 'application/json', etag });
    response.end(status === 200 ? JSON.stringify(found) : undefined);
  };
  const here = { behave: wellBehaved };
  const server = createServer((request, response) => {
    const { authorization, 'if-none-match': etag } = request.headers;
    asked.push({ path: request.url ?? '', etag, token: authorization?.replace(/^Bearer /, '') });
    here.behave(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/directory`,
    /** What it answers, by path; a test may change it. */
    answers,
    asked,
    /** From now on. */
    behave(behaviour: Behaviour = wellBehaved) {
      here.behave = behaviour;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export const status =
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) => {
    response.writeHead(code, headers).end();
  };

export const body =
  (text: string): Behaviour =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  };

/** Signing as the server does, with a key of its own. */
export async function aSigner(): Promise<{ sign: SignJwt; jwks: { keys: JWK[] } }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const header = { alg: 'ES256', kid: 'key-1' };
  return {
    sign: (claims, typ) => new SignJWT(claims).setProtectedHeader({ ...header, typ }).sign(privateKey),
    jwks: { keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] },
  };
}
