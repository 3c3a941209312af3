import { describe, expect, it } from '@jest/globals';
import { issuesOf, loadWith } from './refusal.ts';

const byteForByte = 'because clients compare it byte for byte: write';

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
    ['is absolute', '/mcp', 'must be an absolute http or https URL, e.g. https://auth.example.com/mcp'],
    [
      'is of the web',
      'ftp://auth.example.com',
      'must be an absolute http or https URL, e.g. https://auth.example.com/mcp',
    ],
    ['has no query', 'https://auth.example.com/mcp?a=1', 'must have neither a query nor a fragment'],
    ['has no empty query', 'https://auth.example.com/mcp?', 'must have neither a query nor a fragment'],
    ['has no fragment', 'https://auth.example.com/mcp#top', 'must have neither a query nor a fragment'],
    ['has no empty fragment', 'https://auth.example.com/mcp#', 'must have neither a query nor a fragment'],
    ['has no user', 'https://ada@auth.example.com/mcp', 'must not hold a user name or a password'],
    [
      'has no empty user',
      'https://@auth.example.com',
      `must be in canonical spelling, ${byteForByte} https://auth.example.com`,
    ],
    [
      'ends without slash',
      'https://auth.example.com/mcp/',
      `must not end with a slash, ${byteForByte} https://auth.example.com/mcp`,
    ],
    [
      'ends without slash when it has no path',
      'https://auth.example.com/',
      `must not end with a slash, ${byteForByte} https://auth.example.com`,
    ],
    [
      'has a lower-case host',
      'https://Auth.Example.com/mcp',
      `must be in canonical spelling, ${byteForByte} https://auth.example.com/mcp`,
    ],
    [
      'has a lower-case scheme',
      'HTTPS://auth.example.com',
      `must be in canonical spelling, ${byteForByte} https://auth.example.com`,
    ],
    [
      'leaves out the default port',
      'https://auth.example.com:443/mcp',
      `must be in canonical spelling, ${byteForByte} https://auth.example.com/mcp`,
    ],
    [
      'has no dot segments',
      'https://auth.example.com/a/../mcp',
      `must be in canonical spelling, ${byteForByte} https://auth.example.com/mcp`,
    ],
    [
      'has no blanks around it',
      ' https://auth.example.com',
      `must be in canonical spelling, ${byteForByte} https://auth.example.com`,
    ],
    [
      'is told all of its spelling at once',
      'https://A.example:443/mcp/',
      `must be in canonical spelling, ${byteForByte} https://a.example/mcp`,
    ],
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
