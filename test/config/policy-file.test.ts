import { describe, expect, it } from '@jest/globals';
import { contrastWithWhite } from '../../src/config/contrast.ts';
import { fileIssuesOf, issuesOf, loadWith, policyFile, policyWith, resource } from './refusal.ts';

const defaults = {
  accessToken: 3600,
  refreshToken: 2_592_000,
  authorizationCode: 600,
  refreshGrace: 60,
  registrationUnused: 86_400,
  registrationSignedIn: 604_800,
  registrationIdle: 2_592_000,
  interaction: 3600,
  session: 1_209_600,
};

describe('a policy file', () => {
  it.each([
    ['another word', { secondFactor: 'always' }, 'signIn.secondFactor: must be off, optional or required'],
    [
      'organizations, and it is off',
      { secondFactor: 'off', secondFactorFor: ['acme'] },
      'signIn.secondFactorFor: names organizations, and secondFactor is off: nobody could meet it',
    ],
    ['what is no slug', { secondFactorFor: ['Acme Corp'] }, expect.stringMatching(/^signIn.secondFactorFor\[0\]: /)],
  ])('may say when a second factor is asked for, and not %s', (_name, signIn, issue) => {
    const asked = { secondFactor: 'required', secondFactorFor: ['acme'] };
    expect(policyWith({ signIn: asked }).signIn).toMatchObject(asked);
    expect(fileIssuesOf({ signIn })).toEqual([issue]);
  });

  it('may leave out lifetimes, limits of sign-in, exceptions and clients', () => {
    const { policy } = loadWith({});
    expect(policy.lifetimes).toStrictEqual(defaults);
    expect(policy.signIn).toEqual({
      failuresPerAccount: 10,
      failuresPerAddress: 50,
      windowSeconds: 900,
      passwordChangeEndsConnections: true,
      secondFactor: 'optional',
      secondFactorFor: [],
      tokenClaims: [],
    });
    expect(policy.roles).toEqual({ owner: { allow: ['*:*'], except: [] } });
    expect(policy.clients).toEqual([]);
    expect(policy.resources[0]).not.toHaveProperty('uri');
  });

  it('may begin with a byte order mark', () => {
    expect(loadWith({}, `\uFEFF${JSON.stringify(policyFile())}`).policy.brand.name).toBe('Files');
  });

  it.each([
    ['{\n "client_secret": "hush" "x"', 'is not valid JSON: see line 2, column 26'],
    ['{ "client_secret": hush }', 'is not valid JSON: look for a comma, quote or brace too many or too few'],
    ['[]', 'must be a JSON object'],
  ])('says where it is not JSON, without quoting it: %j', (text, sentence) => {
    expect(issuesOf({}, text)).toEqual([{ where: 'config/auth.json', sentence }]);
  });

  it('names what is missing, with its meaning and an example', () => {
    const where = '/etc/auth.json › organizationsUrl';
    const example = 'e.g. https://console.example.com/organizations/new';
    const sentence = `is missing: where a person without an organization gets one, ${example}`;
    const issues = issuesOf({ CONFIG_FILE: '/etc/auth.json' }, policyFile({ organizationsUrl: undefined }));
    expect(issues).toEqual([{ where, sentence }]);
  });

  const labelled = { name: 'a:read', group: 'A', sentence: 'B', label: 'C' };
  it.each([
    ['a slip of the hand', { rolse: {} }, 'rolse: is not a known member; did you mean roles?'],
    ['another spelling', { sign_in: {} }, 'sign_in: is not a known member; did you mean signIn?'],
    ['a stranger', { database: {} }, 'database: is not a known member'],
    [
      'one deep inside',
      { lifetimes: { acessToken: 60 } },
      'lifetimes.acessToken: is not a known member; did you mean accessToken?',
    ],
    [
      'one of a role',
      { roles: { owner: { allow: ['*:*'], exept: [] } } },
      'roles.owner.exept: is not a known member; did you mean except?',
    ],
    [
      'one of a scope',
      { resources: [resource({ scopes: [labelled] })] },
      'resources[0].scopes[0].label: is not a known member',
    ],
    ['one too short to guess', { resources: [resource({ u: 1 })] }, 'resources[0].u: is not a known member'],
    ['one that would disturb a terminal', { '\u001b[2J': 1 }, '["\\u001b[2J"]: is not a known member'],
  ])('has no unknown members: %s', (_name, changes, issue) => {
    expect(fileIssuesOf(changes)).toEqual([issue]);
  });

  it.each(['https://files.example/new?from=mcp', 'http://localhost:8080/new'])('sends people to %s', (url) => {
    expect(policyWith({ organizationsUrl: url }).organizationsUrl).toBe(url);
  });

  it.each([
    'http://files.example/new',
    'javascript:alert(1)',
    '/new',
    'https://ada:pw@files.example',
    'https://a.example/ x',
  ])('does not send people to %s', (url) => {
    const issue = 'organizationsUrl: must be an absolute https URL (http on this machine only)';
    expect(fileIssuesOf({ organizationsUrl: url })).toEqual([issue]);
  });
});

describe('an accent colour', () => {
  it.each([
    ['#000000', 21],
    ['#ffffff', 1],
    ['#767676', 4.54],
    ['#0000ff', 8.59],
  ])('%s has with white a contrast of %d (WCAG 2.2)', (color, contrast) => {
    expect(contrastWithWhite(color)).toBeCloseTo(contrast, 2);
  });

  it.each(['#767676', '#0A4D8C'])('%s is dark enough for white text', (accentColor) => {
    expect(policyWith({ brand: { name: 'Files', accentColor } }).brand).toMatchObject({ accentColor });
  });

  it.each([
    ['#777777', 'must be darker: white text on it has a contrast of 4.47:1, and people need 4.5:1'],
    ['#ffffff', 'must be darker: white text on it has a contrast of 1:1, and people need 4.5:1'],
    ['#fff', 'must be a colour such as #2f5d8a'],
    ['navy', 'must be a colour such as #2f5d8a'],
    ['#00000g', 'must be a colour such as #2f5d8a'],
  ])('%s is refused', (accentColor, sentence) => {
    expect(fileIssuesOf({ brand: { name: 'Files', accentColor } })).toEqual([`brand.accentColor: ${sentence}`]);
  });
});
