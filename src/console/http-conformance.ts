import { randomBytes } from 'node:crypto';
import { isLoopbackHost } from '@bkend/mcp-gateway/vocabulary';
import { generateKeyPair, SignJWT } from 'jose';
import { request } from 'undici';
import type { ConsoleUnderTest } from './conformance.ts';
import type { Check } from './conformance-report.ts';

type Claims = Record<string, string | number>;
type Checks = [line: string, promise: string, check: Check][];

const timeoutMs = 2_000;

/** What only somebody who speaks HTTP can see: whom the console believes, and how it answers. */
export function httpChecks({ url, issuer, sign, fixtures }: ConsoleUnderTest): Checks {
  const account = `${url}/accounts/${encodeURIComponent(fixtures.account)}`;
  const claims = (): Claims => {
    const now = Math.floor(performance.timeOrigin / 1000 + performance.now() / 1000);
    return { iss: issuer, aud: url, iat: now, exp: now + 60 };
  };
  const signed = (more: Claims = {}, typ = 'directory+jwt') => sign({ ...claims(), ...more }, typ);
  const refuses = (token: () => Promise<string | undefined>) => async () => {
    const { status } = await get(account, await token());
    return status === 401 ? undefined : `it answered ${status}`;
  };
  return [
    ['url', 'the directory is asked by https, except on this machine', async () => insecure(url)],
    [
      'answer',
      'a question that we signed is answered with 200 and JSON in 2 seconds',
      async () => answers(account, await signed()),
    ],
    [
      'answer.etag',
      'an answer with an ETag is not sent again while it is the same',
      async () => revalidates(account, await signed()),
    ],
    ['credential.missing', 'a question without a credential is answered with 401', refuses(async () => undefined)],
    [
      'credential.audience',
      'a question that we signed for another directory is answered with 401 (RFC 8725 §3.9)',
      refuses(() => signed({ aud: `${url}/other` })),
    ],
    [
      'credential.issuer',
      'a question of another issuer is answered with 401 (RFC 8725 §3.8)',
      refuses(() => signed({ iss: `${issuer}/other` })),
    ],
    [
      'credential.type',
      'an access token of ours is answered with 401 (RFC 8725 §3.11)',
      refuses(() => signed({}, 'at+jwt')),
    ],
    [
      'credential.expired',
      'a question that was signed two hours ago is answered with 401',
      refuses(() => signed({ iat: (claims().iat as number) - 7200, exp: (claims().exp as number) - 7200 })),
    ],
    [
      'credential.signature',
      'a question that somebody else signed is answered with 401',
      refuses(() => signedByStranger(claims())),
    ],
    [
      'credential.unsigned',
      'a question that nobody signed is answered with 401 (RFC 8725 §3.1)',
      refuses(async () => unsigned(claims())),
    ],
  ];
}

/** What the sign-in page does with a challenge that is none; a browser of a stranger, not signed in. */
export function signInChecks(signIn: string): Checks {
  const visit = (challenge?: string) => {
    const url = new URL(signIn);
    if (challenge !== undefined) url.searchParams.set('login_challenge', challenge);
    return get(url.href);
  };
  const staysHere = (challenge?: string) => async () => {
    const { status, header } = await visit(challenge);
    if (status >= 500) return `it answered ${status}`;
    const location = header('location');
    const leavesFor = location === undefined ? undefined : new URL(location, signIn).origin;
    return leavesFor === undefined || leavesFor === new URL(signIn).origin ? undefined : `it leads to ${leavesFor}`;
  };
  return [
    ['sign-in.url', 'people sign in by https, except on this machine', async () => insecure(signIn)],
    ['sign-in.missing', 'without a challenge the page leads nowhere else', staysHere()],
    [
      'sign-in.unknown',
      'with a challenge that nobody made the page leads nowhere else',
      staysHere(randomBytes(32).toString('base64url')),
    ],
    [
      'sign-in.hostile',
      'with a challenge that is a URL the page leads nowhere else',
      staysHere('https://attacker.example/'),
    ],
  ];
}

interface Answered {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

// Not `fetch`, which adds `Cache-Control: no-cache` to a question with an ETag, and so makes servers send it all again.
async function get(url: string, token?: string, etag?: string): Promise<Answered> {
  const headers = {
    accept: 'application/json, text/html;q=0.5',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(etag !== undefined && { 'if-none-match': etag }),
  };
  const response = await request(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  const header = (name: string) => [response.headers[name]].flat()[0];
  return { status: response.statusCode, header, text: await response.body.text() };
}

async function answers(url: string, token: string): Promise<string | undefined> {
  const { status, header, text } = await get(url, token);
  if (status !== 200) return `it answered ${status}`;
  const type = header('content-type') ?? '';
  if (!/^application\/json\b/.test(type)) return `its content type is ${type || 'missing'}`;
  JSON.parse(text);
  return undefined;
}

async function revalidates(url: string, token: string): Promise<string | undefined> {
  const etag = (await get(url, token)).header('etag');
  if (etag === undefined) return undefined;
  const { status } = await get(url, token, etag);
  return status === 304 ? undefined : `it answered ${status}`;
}

async function signedByStranger(claims: Claims): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'directory+jwt' }).sign(privateKey);
}

function unsigned(claims: Claims): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'none', typ: 'directory+jwt' })}.${encode(claims)}.`;
}

function insecure(url: string): string | undefined {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopbackHost(hostname) ? undefined : `it is ${protocol}//`;
}
