import { describe, expect, it } from '@jest/globals';
import { issuesOf, loadWith } from './refusal.ts';

const absolute = 'must be an absolute http or https URL, e.g. https://auth.example.com/mcp';
const bare = 'must have neither a query nor a fragment';
const canonical = (url: string) =>
  `must be in canonical spelling, because clients compare it byte for byte: write ${url}`;
const withoutSlash = (url: string) =>
  `must not end with a slash, because clients compare it byte for byte: write ${url}`;

describe('an issuer', () => {
  it.each([
    'https://auth.example.com',
    'https://auth.example.com/mcp',
    'https://auth.example.com:8443/a/b',
    'http://localhost:3000/mcp',
    'http://127.0.0.1:3000',
    'http://127.9.9.9',
    'http://[::1]:3000/mcp',
  ])('is accepted and kept byte for byte: %s', (issuer) => {
    expect(loadWith({ ISSUER: issuer }).issuer).toBe(issuer);
  });

  it.each([
    ['is absolute', '/mcp', absolute],
    ['is of the web', 'ftp://a.example', absolute],
    ['has no query', 'https://a.example/mcp?a=1', bare],
    ['has no empty query', 'https://a.example/mcp?', bare],
    ['has no fragment', 'https://a.example/mcp#top', bare],
    ['has no empty fragment', 'https://a.example/mcp#', bare],
    ['has no user', 'https://ada@a.example/mcp', 'must not hold a user name or a password'],
    ['has no empty user', 'https://@a.example', canonical('https://a.example')],
    ['ends without slash', 'https://a.example/mcp/', withoutSlash('https://a.example/mcp')],
    ['ends without slash when it has no path', 'https://a.example/', withoutSlash('https://a.example')],
    ['has a lower-case host', 'https://A.Example/mcp', canonical('https://a.example/mcp')],
    ['has a lower-case scheme', 'HTTPS://a.example', canonical('https://a.example')],
    ['leaves out the default port', 'https://a.example:443/mcp', canonical('https://a.example/mcp')],
    ['has no dot segments', 'https://a.example/a/../mcp', canonical('https://a.example/mcp')],
    ['has no blanks around it', ' https://a.example', canonical('https://a.example')],
    ['is told all of its spelling at once', 'https://A.example:443/mcp/', canonical('https://a.example/mcp')],
  ])('%s', (_rule, issuer, sentence) => {
    expect(issuesOf({ ISSUER: issuer })).toEqual([{ where: 'ISSUER', sentence }]);
  });

  it.each([
    'http://auth.example.com',
    'http://10.0.0.1',
    'http://localhost.example.com',
    'http://127.evil.example',
    'http://0.0.0.0:3000',
  ])('uses http on this machine only, so refuses %s', (issuer) => {
    const sentence = 'must begin with https://; http:// is for localhost, 127.0.0.1 and [::1] only';
    expect(issuesOf({ ISSUER: issuer })).toEqual([{ where: 'ISSUER', sentence }]);
  });
});
