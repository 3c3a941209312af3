import { describe, expect, it } from '@jest/globals';
import { checkDocumentUrl, checkSpelling } from '../../src/clients/document-hosts.ts';
import { freshSecondsOf } from '../../src/clients/document-policy.ts';

const everyone = { allow: [], deny: [] };

describe('the URL of a document', () => {
  it.each([
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://tool.example.com:443/client.json',
    'https://tool.example.com/client.json?version=2',
  ])('may be %s', (url) => expect(() => checkDocumentUrl(url, everyone)).not.toThrow());

  it.each([
    ['http', 'http://tool.example.com/client.json', 'not an https URL of this size'],
    ['no URL', 'tool', 'not an https URL of this size'],
    ['endless', `https://tool.example.com/${'a'.repeat(2000)}`, 'not an https URL of this size'],
    ['of another port', 'https://tool.example.com:8443/client.json', 'a port other than 443'],
    ['of the port of http', 'https://tool.example.com:80/client.json', 'a port other than 443'],
    ['of an address', 'https://93.184.215.14/client.json', 'an IP address for a host'],
    ['of an address in disguise', 'https://0x7f.1/client.json', 'an IP address for a host'],
    ['of an address with a dot', 'https://127.0.0.1./client.json', 'an IP address for a host'],
    ['of an IPv6 address', 'https://[::1]/client.json', 'an IP address for a host'],
  ])('is not %s', (_name, url, reason) => expect(() => checkDocumentUrl(url, everyone)).toThrow(reason));
});

describe('the id of a client that is described by a document (R51)', () => {
  it.each([
    'https://tool.example.com/client.json',
    'https://tool.example.com/client.json?version=2',
    'https://xn--bcher-kva.example/client%20one.json',
  ])('may be %s', (id) => expect(() => checkSpelling(id)).not.toThrow());

  it.each([
    ['a scheme in capitals', 'HTTPS://tool.example.com/client.json'],
    ['a host in capitals', 'https://Tool.example.com/client.json'],
    ['a host in another script', 'https://bücher.example/client.json'],
    ['the port that everybody has', 'https://tool.example.com:443/client.json'],
    ['dot segments', 'https://tool.example.com/a/../client.json'],
    ['dot segments in disguise', 'https://tool.example.com/a/%2E%2e/client.json'],
    ['no path', 'https://tool.example.com'],
    ['a fragment', 'https://tool.example.com/client.json#a'],
    ['an empty fragment', 'https://tool.example.com/client.json#'],
    ['a user name', 'https://claude.ai@tool.example.com/client.json'],
    ['a password', 'https://:claude.ai@tool.example.com/client.json'],
    ['an empty user name', 'https://@tool.example.com/client.json'],
    ['backslashes', 'https:\\\\tool.example.com\\client.json'],
    ['blanks around it', ' https://tool.example.com/client.json'],
    ['a tab within it', 'https://tool.exa\tmple.com/client.json'],
  ])('is not one with %s', (_name, id) =>
    expect(() => checkSpelling(id)).toThrow(expect.objectContaining({ kind: 'final' })),
  );
});

describe('the lists of hosts (R79)', () => {
  const check = (url: string, lists: { allow?: string[]; deny?: string[] }) => () =>
    checkDocumentUrl(url, { ...everyone, ...lists });

  it.each([
    ['a host that is allowed', 'https://claude.ai/c', { allow: ['claude.ai'] }],
    ['a host below a domain that is allowed', 'https://eu.tool.example.com/c', { allow: ['*.example.com'] }],
    ['a host that others are denied', 'https://claude.ai/c', { deny: ['evil.example', '*.claude.ai'] }],
  ])('let %s pass', (_name, url, lists) => expect(check(url, lists)).not.toThrow());

  it.each([
    ['what is not on the allow list', 'https://evil.example/c', { allow: ['claude.ai'] }, 'not on the allow list'],
    ['the domain itself of a pattern', 'https://example.com/c', { allow: ['*.example.com'] }, 'not on the allow list'],
    ['a name that ends alike', 'https://notexample.com/c', { allow: ['*.example.com'] }, 'not on the allow list'],
    ['a name that begins alike', 'https://claude.ai.evil.example/c', { allow: ['claude.ai'] }, 'not on the allow list'],
    ['what is on the deny list', 'https://evil.example/c', { deny: ['evil.example'] }, 'on the deny list'],
    ['in any case', 'https://EVIL.example/c', { deny: ['evil.example'] }, 'on the deny list'],
    ['with a dot behind it', 'https://evil.example./c', { deny: ['evil.example'] }, 'on the deny list'],
    ['what is on both', 'https://a.example/c', { allow: ['*.example', 'a.example'], deny: ['a.example'] }, 'deny list'],
  ])('stop %s', (_name, url, lists, reason) => expect(check(url, lists)).toThrow(reason));
});

const bounds = { min: 300, max: 86_400 };
const now = 'Sat, 01 Aug 2026 12:00:00 GMT';
const inTwoHours = 'Sat, 01 Aug 2026 14:00:00 GMT';

it.each([
  ['five minutes where nothing is said', {}, 300],
  ['what max-age says', { 'cache-control': 'public, max-age=3600' }, 3600],
  ['what s-maxage says, because all nodes share it', { 'cache-control': 'max-age=600, s-maxage=7200' }, 7200],
  ['less what it has spent on its way', { 'cache-control': 'max-age=3600', age: '600' }, 3000],
  ['until it expires', { expires: inTwoHours, date: now }, 7200],
  ['until it expires, by our clock where the host shows none', { expires: inTwoHours }, 7200],
  ['what max-age says, whatever expires', { 'cache-control': 'max-age=600', expires: inTwoHours }, 600],
  ['five minutes and no less', { 'cache-control': 'max-age=10' }, 300],
  ['a day and no more', { 'cache-control': 'max-age=31536000' }, 86_400],
  ['five minutes when it must not be stored', { 'cache-control': 'no-store, max-age=3600' }, 300],
  ['five minutes when it must be asked for', { 'cache-control': 'no-cache' }, 300],
  ['five minutes when it is expired', { expires: '0' }, 300],
])('a document is fresh for %s (RFC 9111 §4.2.1, R76)', (_name, headers, seconds) =>
  expect(freshSecondsOf(headers, bounds, Date.parse(now) / 1000)).toBe(seconds),
);
