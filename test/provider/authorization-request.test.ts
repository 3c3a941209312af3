import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/index.ts';
import { createAuthorizationParameters } from '../../src/provider/authorization-parameters.ts';
import { normaliseQuery } from '../../src/provider/authorization-request.ts';
import { createCatalogue } from '../../src/resources/index.ts';

const issuer = 'https://api.example/mcp';
const catalogue = createCatalogue(loadConfig({}).policy.resources, issuer);
const normalise = (query: Record<string, string | string[]>) => ({ ...normaliseQuery(query, catalogue) });

describe('an authorization request', () => {
  it.each([
    [undefined, 'consent'],
    ['', 'consent'],
    ['consent', 'consent'],
    ['login', 'login consent'],
    ['login consent', 'login consent'],
    ['unknown', 'consent'],
    ['create login', 'login consent'],
    ['none', 'none'],
  ])('with prompt %j means %s (R40)', (prompt, meant) =>
    expect(normalise(prompt === undefined ? {} : { prompt }).prompt).toBe(meant),
  );

  it.each([
    [`${issuer}`, issuer],
    ['HTTPS://API.example:443/mcp', issuer],
    [[issuer, 'https://API.example/mcp'], issuer],
    [['', issuer], issuer],
    ['https://elsewhere.example', 'https://elsewhere.example'],
    [
      [issuer, 'https://elsewhere.example'],
      [issuer, 'https://elsewhere.example'],
    ],
  ])('for %j is for %j (R34, R41)', (resource, meant) => expect(normalise({ resource }).resource).toEqual(meant));

  it('for an empty resource is for none', () => expect(normalise({ resource: ' ' })).not.toHaveProperty('resource'));

  it('without openid loses what only OpenID Connect defines (R34)', () => {
    const only = { nonce: 'n', max_age: '1', claims: '{}', id_token_hint: 'h', acr_values: 'a', claims_locales: 'en' };

    const kept = Object.keys(normalise({ scope: 'project:read', state: 's', ...only }));
    expect(kept.sort()).toEqual(['prompt', 'scope', 'state']);
  });

  it('with openid keeps it', () =>
    expect(normalise({ scope: 'openid project:read', nonce: 'n' })).toMatchObject({ nonce: 'n' }));

  it.each(['scope', 'prompt'])('that names %s twice is left for the provider to refuse (RFC 6749 §3.1)', (name) =>
    expect(normalise({ [name]: ['one', 'two'] })[name]).toEqual(['one', 'two']),
  );
});

describe('the parameters of an authorization request', () => {
  it('are those that oidc-provider reads, with our features', async () => {
    const list = new URL('../../node_modules/oidc-provider/lib/consts/param_list.js', import.meta.url).href;
    const { default: read } = (await import(list)) as { default: string[] };
    const { knows } = createAuthorizationParameters();

    expect([...read, 'claims', 'resource', 'organization'].filter((name) => !knows(name))).toEqual([]);
    expect(['password', 'client_secret', 'chooses_again', 'toString'].filter(knows)).toEqual([]);
  });

  it.each([
    ['a list', ['theirs', 'more']],
    ['a set', new Set(['theirs', 'more'])],
    ['an object', { theirs: null, more: () => {} }],
  ])('are also those of a host, named by %s', (_name, extraParams) => {
    const parameters = createAuthorizationParameters();
    parameters.add(extraParams as never);
    expect(['theirs', 'more', 'others', 'state'].map(parameters.knows)).toEqual([true, true, false, true]);
  });
});
