import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, policyWith } from './refusal.ts';

const client = { client_id: 'mcp-auth', client_secret: 'a secret' };
const company = { id: 'company', issuer: 'https://login.example.com', client };
const keys = { keys: [{ kty: 'oct', k: 'AA' }] };
const rule = { claim: 'groups', value: 'staff', organization: 'acme', role: 'owner' };
const aConsole = {
  directory: { kind: 'console', signIn: 'https://c.example/s', url: 'https://c.example/d', client: 'c' },
  clients: [{ client_id: 'c', client_secret: 's', redirect_uris: [] }],
};

const load = (identityProviders: readonly object[]) => policyWith({ identityProviders }).identityProviders;
/** What is said of one provider, by its member. */
const issuesOf = (changes: object) =>
  fileIssuesOf({ identityProviders: [{ ...company, ...changes }] }).map((issue) =>
    issue.replace('identityProviders[0].', ''),
  );

const slug = 'must be a slug: 1 to 63 of a-z, 0-9, and hyphens between them';
const domain = 'must be a domain such as example.com, in lower case (punycode, no @, no wildcard)';

describe('an identity provider', () => {
  it('is complete with id, issuer and client, and GitHub without an issuer', () => {
    const defaults = { domains: [], linkByEmail: false, memberships: [], requiredFor: [], logoutEnds: 'sessions' };
    expect(load([company])).toEqual([{ ...company, kind: 'openid', ...defaults }]);
    const github = { id: 'github', kind: 'github', client };
    expect(load([github])).toEqual([{ ...github, ...defaults }]);
    expect(load([{ ...company, issuer: 'http://localhost:4000' }])).toHaveLength(1);
  });

  const method = 'token_endpoint_auth_method';
  const noSecret = 'client.client_secret: is missing';
  const visible = 'must be visible ASCII characters without a blank';
  const id = 'id: must be 1 to 32 of a-z, 0-9, and hyphens between them, and not console';
  it.each<[object, string]>([
    [{ id: 'Company' }, id],
    [{ id: 'console' }, id],
    [{ id: 'a'.repeat(33) }, id],
    [{ id: 'a/b' }, id],
    [{ id: 7 }, 'id: must be a text'],
    [{ id: undefined }, 'id: is missing: its name here, in the URL to which it sends people back, e.g. company'],
    [{ kind: 'saml' }, 'kind: must be openid or github'],
    [{ issuer: undefined }, 'issuer: is missing: its issuer, as its metadata spell it, e.g. https://login.example.com'],
    [{ issuer: 'login.example.com' }, 'issuer: must be an absolute http or https URL, e.g. https://login.example.com'],
    [
      { issuer: 'http://login.example.com' },
      'issuer: must begin with https://; http:// is for localhost, 127.0.0.1 and [::1] only',
    ],
    [{ issuer: 'https://login.example.com/?a' }, 'issuer: must have neither a query nor a fragment'],
    [{ client: undefined }, 'client: is missing: the client that this server is at the provider'],
    [{ client: {} }, 'client.client_id: is missing: what this server is called there, e.g. mcp-auth'],
    [{ client: { client_id: '' } }, 'client.client_id: must not be empty'],
    [{ client: { ...client, client_secret: '' } }, 'client.client_secret: must not be empty'],
    [{ client: { ...client, secret: 'x' } }, 'client.secret: is not a known member'],
    [{ client: { client_id: 'a', jwks: { keys: [] } } }, 'client.jwks: holds no keys'],
    [
      { client: { client_id: 'a', jwks: keys } },
      'client.jwks: holds a wrong key: key 1 is of no kind that signs: use one of EC P-256, EC P-384, EC P-521, RSA, OKP Ed25519, AKP',
    ],
    [
      { client: { ...client, [method]: 'tls_client_auth' } },
      `client.${method}: must be client_secret_basic, client_secret_post, private_key_jwt or none`,
    ],
    [{ client: { client_id: 'a', [method]: 'client_secret_basic' } }, `${noSecret}: client_secret_basic needs it`],
    [{ client: { client_id: 'a', [method]: 'client_secret_post' } }, `${noSecret}: client_secret_post needs it`],
    [{ client: { ...client, [method]: 'private_key_jwt' } }, 'client.jwks: is missing: private_key_jwt needs it'],
    [{ scopes: 'openid' }, 'scopes: must be a list of scopes'],
    [{ scopes: ['email'] }, 'scopes: must hold openid'],
    [{ scopes: ['openid', 'a b'] }, 'scopes[1]: must be a scope'],
    [{ untypedLogoutTokens: 'yes' }, 'untypedLogoutTokens: must be true or false'],
    [
      { kind: 'github', untypedLogoutTokens: true },
      'untypedLogoutTokens: is for `openid`: GitHub does not say when somebody signed out',
    ],
    [{ button: '' }, 'button: must not be empty'],
    [{ acrValues: 'urn:mfa' }, 'acrValues: must be a list of texts'],
    [{ acrValues: ['urn:mfa', 'a b'] }, `acrValues[1]: ${visible}`],
    [{ acrValues: [''] }, `acrValues[0]: ${visible}`],
    [
      { kind: 'github', acrValues: ['urn:mfa'] },
      'acrValues: is for `openid`: GitHub does not say how somebody signed in',
    ],
    [{ button: 7 }, 'button: must be a text, or an object with a text for each language'],
    [{ domains: 'example.com' }, 'domains: must be a list of domains'],
    [{ domains: ['Example.com'] }, `domains[0]: ${domain}`],
    [{ domains: ['@example.com'] }, `domains[0]: ${domain}`],
    [{ domains: ['*.example.com'] }, `domains[0]: ${domain}`],
    [{ domains: ['example'] }, `domains[0]: ${domain}`],
    [{ linkByEmail: 'yes' }, 'linkByEmail: must be true or false'],
    [{ requiredFor: 'acme' }, 'requiredFor: must be a list of slugs'],
    [{ requiredFor: ['Acme Corp'] }, `requiredFor[0]: ${slug}`],
    [{ logoutEnds: 'everything' }, 'logoutEnds: must be sessions or connections'],
    [{ discovery: true }, 'discovery: is not a known member'],
    [{ memberships: {} }, 'memberships: must be a list of rules'],
    [{ memberships: ['staff'] }, 'memberships[0]: must be an object'],
  ])('with %j is refused in these words', (changes, issue) => {
    expect(issuesOf(changes)).toEqual([issue]);
  });

  it('with a secret and keys is refused: one of them is used', () => {
    const jwks = { keys: [{ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), alg: 'EdDSA' }] };
    expect(issuesOf({ client: { ...client, jwks } })).toEqual([
      'client.jwks: stands beside client_secret: one of them is used',
    ]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no list', { identityProviders: {} }, 'identityProviders: must be a list of identity providers'],
    ['a word', { identityProviders: ['x'] }, 'identityProviders[0]: must be an object with id, issuer and client'],
    ['a name twice', { identityProviders: [company, company] }, 'identityProviders[1].id: is the same as in entry 0'],
    [
      'a domain twice',
      { identityProviders: ['a', 'b'].map((each) => ({ ...company, id: each, domains: ['example.com'] })) },
      'identityProviders[1].domains[0]: is claimed already, by identityProviders[0]',
    ],
    [
      'linking to accounts of a console',
      { identityProviders: [{ ...company, linkByEmail: true }], ...aConsole },
      'identityProviders[0].linkByEmail: is for accounts that are kept here: those of a console are not found by email',
    ],
    [
      'passwords beside a console',
      { signIn: { passwords: true }, ...aConsole },
      'signIn.passwords: cannot be true where accounts are in a console: its people have their passwords there',
    ],
    [
      'no way in at all',
      { signIn: { passwords: false } },
      'signIn.passwords: leaves no way to sign in: there are no identityProviders, and no console',
    ],
    [
      'a claim that is no word of a sign-in',
      { signIn: { tokenClaims: ['sub'] } },
      'signIn.tokenClaims[0]: must be amr, acr or auth_time',
    ],
  ])('with %s is refused in these words', (_name, changes, issue) => {
    expect(fileIssuesOf(changes)).toEqual([issue]);
  });
});

describe('a rule of memberships', () => {
  it.each([
    [rule],
    [{ emailDomain: 'example.com', organization: 'acme', role: 'owner' }],
    [{ claim: 'realm_access.roles', value: 'mcp:{organization}:{role}' }],
    [{ claim: 'groups', value: 'mcp:{organization}', role: 'owner', organizationName: 'Acme' }],
  ])('may be %j', (each) => {
    expect(load([{ ...company, memberships: [each] }])[0]?.memberships).toEqual([each]);
  });

  it.each<[object, ...string[]]>([
    [{ ...rule, claim: undefined, value: undefined }, 'claim: is missing: a claim decides, or emailDomain'],
    [{ ...rule, emailDomain: 'example.com' }, 'emailDomain: stands beside claim: one of them decides'],
    [{ ...rule, emailDomain: 'x' }, `emailDomain: ${domain}`, 'emailDomain: stands beside claim: one of them decides'],
    [{ ...rule, value: undefined }, 'value: is missing: the value that the claim must have'],
    [{ ...rule, claim: undefined, emailDomain: 'example.com' }, 'value: needs a claim'],
    [{ ...rule, claim: '' }, 'claim: must be the name of a claim'],
    [
      { ...rule, organization: undefined },
      'organization: is missing, and the value does not name it by {organization}',
    ],
    [{ ...rule, organization: 'Acme Corp' }, `organization: ${slug}`],
    [{ ...rule, organizationName: '' }, 'organizationName: must be a name'],
    [{ ...rule, role: undefined }, 'role: is missing, and the value does not name it by {role}'],
    [{ ...rule, role: 'owned' }, 'role: is none of `roles`; did you mean owner?'],
    [
      { ...rule, value: '{organization}:{role}' },
      'organization: is named by {organization} in the value already',
      'role: is named by {role} in the value already',
    ],
    [
      { ...rule, organization: undefined, value: '{organization}:{organization}' },
      'value: holds {organization} more than once',
    ],
    [{ ...rule, group: 'a' }, 'group: is not a known member'],
  ])('%j is refused, each mistake by name', (each, ...issues) => {
    expect(issuesOf({ memberships: [each] }).map((issue) => issue.replace('memberships[0].', ''))).toEqual(issues);
  });
});
