import { describe, expect, it } from '@jest/globals';
import { consolePolicy } from '../../src/config/index.ts';
import { fileIssuesOf, policyWith } from './refusal.ts';

const clients = [{ client_id: 'example-console', client_secret: 'a secret', redirect_uris: [] }];
const complete = {
  kind: 'console',
  signIn: 'https://console.example.com/mcp/sign-in',
  url: 'https://api.example.com/internal/directory',
  client: 'example-console',
};
const load = (directory?: object) => policyWith({ clients, directory }).directory;

describe('the section directory', () => {
  it('is the built-in one where it says nothing', () => {
    expect(load()).toEqual({ kind: 'local', unavailable: 'wait' });
    expect(consolePolicy(load())).toBeUndefined();
  });

  it('is a console, which waits for an answer unless told otherwise', () => {
    const { client, kind, ...rest } = complete;
    expect(consolePolicy(load(complete))).toEqual({ ...rest, clients: [client], unavailable: 'wait' });
    expect(load({ ...complete, unavailable: { believeFor: 900 } }).unavailable).toEqual({ believeFor: 900 });
  });

  it.each([
    ['console', { kind: 'console' }, 3],
    ['http beyond this machine', { ...complete, signIn: 'http://console.example.com/' }, 1],
    ['a directory by http', { ...complete, url: 'http://api.example.com/directory' }, 1],
    ['a slash at the end', { ...complete, url: 'https://api.example.com/directory/' }, 1],
    ['a fragment', { ...complete, signIn: 'https://console.example.com/#sign-in' }, 1],
    ['another kind', { kind: 'ldap' }, 1],
    ['members of a console without one', { kind: 'local', url: complete.url }, 1],
    ['how people sign in at a console without one', { kind: 'local', acrValues: ['urn:mfa'] }, 1],
    ['where people sign out at a console without one', { kind: 'local', signOut: complete.signIn }, 1],
    ['a sign-out by http', { ...complete, signOut: 'http://console.example.com/' }, 1],
    ['ways of signing in that are one text', { ...complete, acrValues: 'urn:mfa urn:pwd' }, 1],
    ['a client that is not there', { ...complete, client: 'nobody' }, 1],
    ['a word for how long an answer counts', { ...complete, unavailable: 'forever' }, 1],
    ['no time for which an answer counts', { ...complete, unavailable: { believeFor: 0 } }, 1],
  ])('refuses %s by name', (_name, directory, count) => {
    const byName = expect.stringMatching(/^directory(\.\w+)+: /);
    expect(fileIssuesOf({ clients, directory })).toEqual(Array(count).fill(byName));
  });

  it('refuses a client that could prove nothing', () => {
    const open = [{ client_id: 'example-console', redirect_uris: ['https://tool.example.com/callback'] }];
    expect(fileIssuesOf({ directory: complete, clients: open })).toEqual([
      'directory.client: has neither client_secret nor jwks nor jwks_uri in `clients`',
    ]);
  });

  it.each([
    ['secondFactor', { secondFactor: 'required' }],
    ['secondFactorFor', { secondFactorFor: ['acme'] }],
  ])('has no %s: people of a console have it there', (name, signIn) => {
    expect(fileIssuesOf({ directory: complete, clients, signIn })).toEqual([
      `signIn.${name}: is for accounts here that are signed in to with a password, and there are none`,
    ]);
  });
});
