import {
  createRevocationList,
  type Identity,
  protectResource,
  type RevocationList,
  type TokenState,
} from '@bkend/mcp-gateway';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { createGateway, FRAMEWORKS, type Gateway } from './gateway.ts';
import { createIssuer, RESOURCE } from './issuer.ts';

const { clock, pass } = createTestClock();
const issuer = shared(() => createIssuer(clock));

const ended = (id: string) => {
  const at = clock.seconds();
  return { kind: 'connection', id, at, until: at + 3600 } as const;
};

describe.each(FRAMEWORKS)('a gateway with revocations, on %s,', (framework) => {
  let list: RevocationList;
  let gateway: Gateway;
  let token: string;
  beforeEach(async () => {
    list = createRevocationList({ now: clock.now });
    list.markCurrent();
    gateway = await createGateway(issuer.url, { revocations: list, now: clock.now }, framework);
    token = await issuer.sign();
  });
  afterEach(() => gateway[Symbol.asyncDispose]());

  it('answers a revoked token with 401 invalid_token and the challenge, from one call to the next', async () => {
    expect((await gateway.call(token)).status).toBe(200);
    list.accept([ended('connection-1')]);
    const response = await gateway.call(token);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/mcp", scope="project:read", ' +
        'error="invalid_token", error_description="The access token was revoked"',
    );
  });

  it('lets the other installation of the same client through', async () => {
    list.accept([ended('connection-1')]);
    const other = await issuer.sign({ grant_id: 'connection-2', jti: 'token-2' });
    expect([(await gateway.call(token)).status, (await gateway.call(other)).status]).toEqual([401, 200]);
  });

  it('answers 503 while it cannot know, for a 401 would open a browser in front of everybody', async () => {
    pass(31);
    const response = await gateway.call(token);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(response.headers.get('www-authenticate')).toBeNull();
    list.markCurrent();
    expect((await gateway.call(token)).status).toBe(200);
  });

  it('tells the operator which connection, and why not', async () => {
    const reasons: string[] = [];
    await using watched = await createGateway(
      issuer.url,
      { revocations: list, onRefusal: ({ code }) => reasons.push(code) },
      framework,
    );
    list.accept([ended('connection-1')]);
    await watched.call(token);
    pass(31);
    await watched.call(await issuer.sign({ grant_id: 'connection-3' }));
    expect(reasons).toEqual(['TOKEN_REVOKED', 'REVOCATIONS_UNKNOWN']);
  });
});

it('any object that knows the state of a token is a source of revocations', async () => {
  const stateOf = async ({ accountId }: Identity): Promise<TokenState> => (accountId === 'bob' ? 'revoked' : 'live');
  const revocations = { stateOf };
  await using gateway = await createGateway(issuer.url, { revocations });
  const statuses = [await gateway.call(await issuer.sign({ sub: 'bob' })), await gateway.call(await issuer.sign())];
  expect(statuses.map(({ status }) => status)).toEqual([401, 200]);
});

it('a clock tolerance beyond the memory of revocations is an error in the options', () => {
  const revocations = createRevocationList();
  const options = { issuer: issuer.url, resource: RESOURCE, scopes: [], revocations };
  expect(() => protectResource({ ...options, clockToleranceSeconds: 301 })).toThrow('clockToleranceSeconds');
  expect(() => protectResource({ ...options, clockToleranceSeconds: 300 })).not.toThrow();
});
