import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Redis } from 'ioredis';
import { scope } from '../people.ts';
import { redisUrl, serve } from './serve.ts';

interface FloorRedis extends Redis {
  rotate(token: string, successor: string, clientId: string, now: number, ttlSeconds: number): Promise<string | null>;
}

const thirtyDays = 2_592_000;
const lua = readFileSync(new URL('./rotate.lua', import.meta.url), 'utf8');
const redis = new Redis(redisUrl) as FloorRedis;
redis.defineCommand('rotate', { lua, numberOfKeys: 2 });
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What cannot be left out: one request, one script, one signature. Nothing else is checked, so nothing can be faster. */
serve(async (origin) => {
  const register = `${origin}/register`;
  const token = `${origin}/token`;
  const resource = `${origin}/mcp`;
  return { listener: answer, endpoints: { register, token, resource } };

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const body = await readBody(request);
    if (request.url === '/register') return send(response, 201, await registerClient(body));
    const refreshToken = await takeToken(new URLSearchParams(body));
    if (refreshToken === undefined) return send(response, 400, { error: 'invalid_grant' });
    const accessToken = signAccessToken({ iss: origin, aud: resource });
    const answered = { access_token: accessToken, refresh_token: refreshToken, token_type: 'Bearer' };
    send(response, 200, { ...answered, expires_in: 3600, scope });
  }
});

async function registerClient(body: string): Promise<object> {
  const client = { ...JSON.parse(body), client_id: randomBytes(20).toString('base64url') };
  await redis.set(`client:${client.client_id}`, JSON.stringify(client));
  return client;
}

/** The successor of a refresh token; the first one of a client costs no code. */
async function takeToken(fields: URLSearchParams): Promise<string | undefined> {
  const clientId = fields.get('client_id') ?? '';
  const successor = randomBytes(32).toString('base64url');
  if (fields.get('grant_type') === 'refresh_token') {
    const presented = `token:${fields.get('refresh_token')}`;
    const rotated = await redis.rotate(presented, `token:${successor}`, clientId, Date.now(), thirtyDays);
    return rotated === null ? undefined : successor;
  }
  const record = { clientId, accountId: 'person', scope };
  await redis.set(`token:${successor}`, JSON.stringify(record), 'EX', thirtyDays);
  return successor;
}

function signAccessToken(claims: object): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const payload = { ...claims, sub: 'person', scope, iat: now, exp: now + 3600, jti: randomBytes(16).toString('hex') };
  const signed = `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) }).end(text);
}
