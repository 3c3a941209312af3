import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import {
  createHttpDirectory,
  type DirectoryCall,
  type HttpDirectory,
  type HttpDirectoryOptions,
  type SignJwt,
  type UnavailableAnswer,
} from '../../src/console/index.ts';
import { listening } from '../support/listening.ts';
import { aClock } from './storage.ts';

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
    const text = JSON.stringify(found ?? '');
    const etag = `"${Buffer.from(text).toString('base64url').slice(-20)}"`;
    const status = found === undefined ? 404 : request.headers['if-none-match'] === etag ? 304 : 200;
    response.writeHead(status, { 'content-type': 'application/json', etag });
    response.end(status === 200 ? text : undefined);
  };
  let current = wellBehaved;
  const http = await listening((request, response) => {
    const { authorization, 'if-none-match': etag } = request.headers;
    asked.push({ path: request.url ?? '', etag, token: authorization?.replace(/^Bearer /, '') });
    current(request, response);
  });
  return {
    url: `${http.origin}/directory`,
    /** What it answers, by path; a test may change it. */
    answers,
    asked,
    /** From now on. */
    behave(behaviour: Behaviour = wellBehaved) {
      current = behaviour;
    },
    close: () => http[Symbol.asyncDispose](),
  };
}

/** Such a server, and the directory that asks it: what that told its observer, by a clock of its own. */
export async function aDirectoryOverHttp() {
  const server = await aDirectoryServer();
  const { sign } = await aSigner();
  const clock = aClock();
  const calls: DirectoryCall[] = [];
  const said: string[] = [];
  const opened: HttpDirectory[] = [];
  const observer = {
    onCall: (call: DirectoryCall) => calls.push(call),
    onUnavailable: ({ question, check }: UnavailableAnswer) => said.push(`${question}: ${check}`),
    onAvailable: () => said.push('available'),
    onBreaker: (state: string) => said.push(`breaker ${state}`),
  };
  const parts = { url: server.url, issuer: 'https://api.example.com/mcp', sign, clock, observer };
  /** With other settings. */
  const open = (more: Partial<HttpDirectoryOptions> = {}) => {
    const directory = createHttpDirectory({ ...parts, unavailable: 'wait', ...more });
    opened.push(directory);
    return directory;
  };
  async function close() {
    await Promise.all(opened.map((each) => each.close()));
    await server.close();
  }
  return { ...{ server, clock, calls, said, open, close }, directory: open() };
}

export const status =
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) =>
    response.writeHead(code, headers).end();

export const body =
  (text: string): Behaviour =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);

/** Signing as the server does, with a key of its own. */
export async function aSigner(): Promise<{ sign: SignJwt; jwks: { keys: JWK[] } }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const header = { alg: 'ES256', kid: 'key-1' };
  return {
    sign: (claims, typ) => new SignJWT(claims).setProtectedHeader({ ...header, typ }).sign(privateKey),
    jwks: { keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] },
  };
}
