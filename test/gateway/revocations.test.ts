import { createRevocationList, type Identity, protectResource, type TokenState } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { createTestClock } from '../support/clock.ts';
import { fresh, shared } from '../support/shared.ts';
import { answerOf, createGateway, FRAMEWORKS } from './gateway.ts';
import { createIssuer, METADATA, RESOURCE } from './issuer.ts';

const { clock, pass } = createTestClock();
const issuer = shared(() => createIssuer(clock));

const ended = (id: string) => {
  const at = clock.seconds();
  return { kind: 'connection', id, at, until: at + 3600 } as const;
};

describe.each(FRAMEWORKS)('a gateway with revocations, on %s,', (framework) => {
  const here = fresh(async () => {
    const list = createRevocationList({ now: clock.now });
    list.markCurrent();
    return { list, token: await issuer.sign(), reasons: [] as string[] };
  });
  const gateway = fresh(() => {
    const onRefusal = ({ code }: { code: string }) => here.reasons.push(code);
    return createGateway(issuer.url, { revocations: here.list, now: clock.now, onRefusal }, framework);
  });

  it('answers a revoked token with 401 invalid_token and the challenge, from one call to the next', async () => {
    expect((await gateway.call(here.token)).status).toBe(200);
    here.list.accept([ended('connection-1')]);
    const challenge =
      `Bearer resource_metadata="https://gateway.example${METADATA}/mcp", scope="project:read", ` +
      'error="invalid_token", error_description="The access token was revoked"';
    expect(await answerOf(await gateway.call(here.token))).toMatchObject({ status: 401, challenge });
  });

  it('lets the other installation of the same client through', async () => {
    here.list.accept([ended('connection-1')]);
    const other = await issuer.sign({ grant_id: 'connection-2', jti: 'token-2' });
    expect([(await gateway.call(here.token)).status, (await gateway.call(other)).status]).toEqual([401, 200]);
  });

  it('answers 503 while it cannot know, for a 401 would open a browser in front of everybody', async () => {
    pass(31);
    const response = await gateway.call(here.token);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(response.headers.get('www-authenticate')).toBeNull();
    here.list.markCurrent();
    expect((await gateway.call(here.token)).status).toBe(200);
  });

  it('tells the operator which connection, and why not', async () => {
    here.list.accept([ended('connection-1')]);
    await gateway.call(here.token);
    pass(31);
    await gateway.call(await issuer.sign({ grant_id: 'connection-3' }));
    expect(here.reasons).toEqual(['TOKEN_REVOKED', 'REVOCATIONS_UNKNOWN']);
  });
});

it('any object that knows the state of a token is a source of revocations', async () => {
  const stateOf = async ({ accountId }: Identity): Promise<TokenState> => (accountId === 'bob' ? 'revoked' : 'live');
  await using gateway = await createGateway(issuer.url, { revocations: { stateOf } });
  const statuses = [await gateway.call(await issuer.sign({ sub: 'bob' })), await gateway.call(await issuer.sign())];
  expect(statuses.map(({ status }) => status)).toEqual([401, 200]);
});

it('a clock tolerance beyond the memory of revocations is an error in the options', () => {
  const revocations = createRevocationList();
  const options = { issuer: issuer.url, resource: RESOURCE, scopes: [], revocations };
  expect(() => protectResource({ ...options, clockToleranceSeconds: 301 })).toThrow('clockToleranceSeconds');
  expect(() => protectResource({ ...options, clockToleranceSeconds: 300 })).not.toThrow();
});
