import { verifyAccessToken } from '@bkend/mcp-gateway';
import { expect } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createPerson } from '../support/person.ts';
import { type RelyingParty, redirectUri, registerClient } from '../support/relying-party.ts';
import type { BehaviourLab } from './behaviour-lab.ts';

export interface Behaviour {
  /** As `test/fixtures/behaviours.txt` has it. */
  readonly line: string;
  /** Further lines of that list, which the same answer shows. */
  readonly also?: readonly string[];
  /** Why ours is another one, on purpose. */
  readonly differs?: string;
  readonly holds: (lab: BehaviourLab) => Promise<void>;
}

export const line = (text: string, holds: Behaviour['holds']): Behaviour => ({ line: text, holds });
export const also = (text: string, further: readonly string[], holds: Behaviour['holds']): Behaviour => ({
  ...line(text, holds),
  also: further,
});
export const difference = (text: string, differs: string, holds: Behaviour['holds']): Behaviour => ({
  ...line(text, holds),
  differs,
});

const basicToken = { token_endpoint_auth_method: 'client_secret_basic' };
export const postToken = { token_endpoint_auth_method: 'client_secret_post' };
const publicClient = { token_endpoint_auth_method: 'none' };
export const basic = ({ clientId, clientSecret }: RelyingParty, secret = clientSecret) => ({
  Authorization: `Basic ${btoa(`${clientId}:${secret}`)}`,
});
const refusal = (status: number, error: string) => ({ status, body: { error } });

/** The refusal of an authorization request, as the tool is told it. */
async function refusedWith(lab: BehaviourLab, parameters: Record<string, string | undefined>, error: string) {
  const { url, state } = (await registerClient(lab.issuer)).authorizationRequest({ ...lab.request, ...parameters });
  const { url: rest } = await createPerson(lab.origin).browser.open(url.href);
  expect(rest.origin + rest.pathname).toBe(redirectUri);
  expect(Object.fromEntries(rest.searchParams)).toMatchObject({ error, state, iss: lab.issuer });
}

/** The refusal of an authorization request that nobody may be sent away with. */
async function stopsAt(lab: BehaviourLab, parameters: Record<string, string>) {
  const { url } = (await registerClient(lab.issuer)).authorizationRequest({ ...lab.request, ...parameters });
  const { status, headers } = await fetch(url, { redirect: 'manual', headers: { Accept: 'text/html' } });
  expect({ status, location: headers.get('location') }).toEqual({ status: 400, location: null });
}

interface Redemption {
  readonly body?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

/** One redemption that is refused, by what it says beside the code, and another that shows that the code was kept. */
async function keepsCode(
  lab: BehaviourLab,
  metadata: object,
  wrong: (client: RelyingParty) => Redemption,
  expected: object,
) {
  const { client, request } = await lab.code(metadata);
  const { body, headers } = wrong(client);
  const identity = headers ? {} : { client_id: client.clientId };
  const answer = await lab.post('token', { ...request, ...identity, ...body }, headers);
  expect(answer).toMatchObject({ ...expected, cache: 'no-store' });
  expect((await client.post('token', request)).status).toBe(200);
}

/** A code of a client that registered so, redeemed with its secret in that place. */
async function redeemsWith(place: 'header' | 'body', lab: BehaviourLab, metadata: object) {
  const { client, request } = await lab.code(metadata);
  const byPost = { client_id: client.clientId, client_secret: String(client.clientSecret) };
  const [body, headers] = place === 'header' ? [request, basic(client)] : [{ ...request, ...byPost }, {}];
  expect((await lab.post('token', body, headers)).status).toBe(200);
}

type Parameters = Record<string, string | undefined>;
const refusedRequests: [string, Parameters | ((issuer: string) => Parameters), string][] = [
  ['missing PKCE refused', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['plain PKCE refused', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['S512 refused', { code_challenge_method: 'S512' }, 'invalid_request'],
  ['challenge without method (=plain) refused', { code_challenge_method: undefined }, 'invalid_request'],
  ['resource with fragment: invalid_target', (issuer) => ({ resource: `${issuer}#part` }), 'invalid_target'],
  ['unknown resource: invalid_target', { resource: 'https://other.example/mcp' }, 'invalid_target'],
];

const sends = (body: Record<string, string>) => () => ({ body });
const sendsBasic = (secret: string) => (client: RelyingParty) => ({ headers: basic(client, secret) });
export const invalidGrant = refusal(400, 'invalid_grant');
const invalidTarget = refusal(400, 'invalid_target');
export const invalidClient = refusal(401, 'invalid_client');
const redirect_uri = 'http://127.0.0.1:8765/other';
const verifier = 'x'.repeat(43);
const resource = 'https://other.example/mcp';
const basicChallenge = { ...invalidClient, challenge: expect.stringMatching(/^Basic /) };
const refusedRedemptions: [string, object, (client: RelyingParty) => Redemption, object][] = [
  [
    'redirect_uri mismatch at token endpoint: invalid_grant, code kept',
    publicClient,
    sends({ redirect_uri }),
    invalidGrant,
  ],
  ['wrong secret: 401 Basic challenge, code kept', basicToken, sendsBasic('wrong'), basicChallenge],
  ['public refuses basic with a secret', publicClient, sendsBasic('a-secret'), invalidClient],
  ['public refuses post with a secret', publicClient, sends({ client_secret: 'a-secret' }), invalidClient],
  ['resource expansion at token endpoint: invalid_target, code kept', publicClient, sends({ resource }), invalidTarget],
];

export const authorizationBehaviours: readonly Behaviour[] = [
  ...refusedRequests.map(([text, wrong, error]) =>
    line(text, (lab) => refusedWith(lab, typeof wrong === 'function' ? wrong(lab.issuer) : wrong, error)),
  ),
  ...refusedRedemptions.map(([text, metadata, wrong, expected]) =>
    line(text, (lab) => keepsCode(lab, metadata, wrong, expected)),
  ),
  also('wrong verifier invalid_grant, no-store', ['wrong verifier does not consume the code'], (lab) =>
    keepsCode(lab, publicClient, sends({ code_verifier: verifier }), invalidGrant),
  ),
  line('metadata RFC 8414', async ({ issuer, metadata }) => {
    expect(await metadata()).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      registration_endpoint: `${issuer}/oauth/register`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none', 'client_secret_basic']),
    });
  }),
  line('public client code flow S256, no-store, pragma, iss once', async (lab) => {
    const { client, request, callback } = await lab.code(publicClient);
    expect(callback.searchParams.getAll('iss')).toEqual([lab.issuer]);
    expect(await lab.post('token', { ...request, client_id: client.clientId })).toMatchObject({
      status: 200,
      cache: 'no-store',
      pragma: 'no-cache',
      body: { access_token: expect.any(String), refresh_token: expect.any(String), token_type: 'Bearer' },
    });
  }),
  line('pragma: no-cache on token answer (RFC 6749 §5.1; dropped in OAuth 2.1)', async (lab) => {
    const { client, request } = await lab.code(publicClient);
    expect((await client.post('token', request)).headers.get('pragma')).toBe('no-cache');
    expect((await client.post('token', request)).headers.get('pragma')).toBe('no-cache');
  }),
  line('confidential client basic', (lab) => redeemsWith('header', lab, basicToken)),
  line('unregistered redirect_uri: 400, no Location', (lab) =>
    stopsAt(lab, { redirect_uri: 'https://evil.example/callback' }),
  ),
  line('unknown client: 400, no Location', (lab) => stopsAt(lab, { client_id: 'dyn-nobody' })),
  line('client_secret_post', (lab) => redeemsWith('body', lab, postToken)),
  difference('basic-registered refuses post', 'tools register one and use the other (R58)', (lab) =>
    redeemsWith('body', lab, basicToken),
  ),
  difference('post-registered refuses basic', 'tools register one and use the other (R58)', (lab) =>
    redeemsWith('header', lab, postToken),
  ),
  line('iss advertised and exactly one', async (lab) => {
    expect(await lab.metadata()).toMatchObject({ authorization_response_iss_parameter_supported: true });
    expect((await lab.code()).callback.searchParams.getAll('iss')).toEqual([lab.issuer]);
  }),
  line('iss in terminal errors (declined)', async (lab) => {
    const { url } = (await registerClient(lab.issuer)).authorizationRequest(lab.request);
    const { searchParams } = await createPerson(lab.origin).approves(url, { declines: true });
    expect(searchParams.get('error')).toBe('access_denied');
    expect(searchParams.getAll('iss')).toEqual([lab.issuer]);
  }),
  line('code replay refused and its tokens end', async (lab) => {
    const { client, request } = await lab.code();
    const { body } = await client.post('token', request);
    expect((await client.post('token', request)).body.error).toBe('invalid_grant');
    expect((await client.refresh(body.refresh_token ?? '')).body.error).toBe('invalid_grant');
  }),
];

export const resourceBehaviours: readonly Behaviour[] = [
  line('omitted resource defaults to the canonical one (one resource)', async (lab) => {
    const { client, request } = await lab.code({}, { resource: undefined });
    const { body } = await client.post('token', request);
    expect(decodeJwt(body.access_token ?? '').aud).toBe(lab.issuer);
  }),
  line('canonical resource accepted throughout; aud', async (lab) => {
    const resource = lab.issuer;
    const { client, request } = await lab.code({}, { resource });
    const first = await client.post('token', { ...request, resource });
    const second = await client.refresh(first.body.refresh_token ?? '', { resource });
    for (const { body } of [first, second]) expect(decodeJwt(body.access_token ?? '').aud).toBe(resource);
  }),
  difference(
    'token response names resource (Cloudflare extra)',
    'no standard has the member, `aud` says it',
    async (lab) => {
      const { client, request } = await lab.code();
      expect((await client.post('token', request)).body).not.toHaveProperty('resource');
    },
  ),
  line('token for another resource refused at this one', async (lab) => {
    const { accessToken } = await lab.connected();
    const { issuer } = lab;
    const verify = (resource: string) => verifyAccessToken(accessToken, { issuer, resource, keys: lab.keys });
    await expect(verify(issuer)).resolves.toMatchObject({ scopes: expect.any(Array) });
    await expect(verify('https://other.example/mcp')).rejects.toThrow();
  }),
];

export const registrationBehaviours: readonly Behaviour[] = [
  line('DCR public client answer', async ({ issuer }) => {
    const { registration } = await registerClient(issuer, publicClient);
    expect(registration).toMatchObject({ client_id: expect.any(String), ...publicClient });
    expect(registration).not.toHaveProperty('client_secret');
  }),
  line('DCR confidential client answer', async ({ issuer }) => {
    const { registration } = await registerClient(issuer, basicToken);
    const secret = { client_secret: expect.any(String), client_secret_expires_at: 0 };
    expect(registration).toMatchObject({ ...secret, ...basicToken });
  }),
  difference(
    'DCR refuses grant password',
    'grant types that are not offered are replaced (R17)',
    async ({ issuer }) => {
      const { registration } = await registerClient(issuer, { grant_types: ['password'] });
      expect(registration.grant_types).toEqual(['authorization_code', 'refresh_token']);
    },
  ),
];
