import { describe, expect, it } from '@jest/globals';
import { formActionFor, pageHeaders } from '../../src/http/page-headers.ts';

const strict = { anyHttps: false };
const hosted = { anyHttps: true };

describe('the headers of a page', () => {
  it('allow styles and images of this origin, forms to this origin, and nothing else', () => {
    expect(pageHeaders({ formActions: [] })['Content-Security-Policy']).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
  });

  it('keep the page out of caches and frames', () => {
    expect(pageHeaders({ formActions: [] })).toMatchObject({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    });
  });

  it('let our own forms send their origin', () => {
    expect(pageHeaders({ formActions: [] })['Referrer-Policy']).toBe('same-origin');
  });

  it('do not cut off the window that opened the page, and say so themselves (R112)', () => {
    expect(pageHeaders({ formActions: [] })['Cross-Origin-Opener-Policy']).toBe('unsafe-none');
  });

  it('name each place a form may lead to once', () => {
    const policy = pageHeaders({ formActions: ['cursor:', 'https://claude.ai', 'cursor:', "'self'"] });
    expect(policy['Content-Security-Policy']).toMatch(/; form-action 'self' cursor: https:\/\/claude\.ai$/);
  });

  it.each([
    "https://a.example; script-src 'unsafe-inline'",
    'https://a.example *',
    'a:, b:',
    'https://*',
    "'unsafe-inline'",
    '',
  ])('refuse a form action that is more than a scheme or an origin: %s', (source) => {
    expect(() => pageHeaders({ formActions: [source] })).toThrow(TypeError);
  });
});

describe('the form action for a redirect URI', () => {
  it.each([
    ['a loopback address with its port', 'http://127.0.0.1:33418/callback', 'http://127.0.0.1:33418'],
    ['localhost', 'http://localhost:8080/cb?x=1', 'http://localhost:8080'],
    ['a website', 'https://claude.ai/api/mcp/auth_callback', 'https://claude.ai'],
    ['a website with a port', 'https://tools.example:8443/cb', 'https://tools.example:8443'],
    ['an international host', 'https://bücher.example/cb', 'https://xn--bcher-kva.example'],
  ])('is the origin of %s', (_name, redirectUri, source) => {
    expect(formActionFor(redirectUri, strict)).toBe(source);
  });

  it.each([
    ['an authority', 'cursor://anysphere.cursor-mcp/oauth/callback', 'cursor:'],
    ['a reversed domain', 'com.example.app:/callback', 'com.example.app:'],
  ])('is the scheme of a private-use URI with %s', (_name, redirectUri, source) => {
    expect(formActionFor(redirectUri, strict)).toBe(source);
  });

  it('is the scheme for an IPv6 loopback address, which a policy cannot spell', () => {
    expect(formActionFor('http://[::1]:33418/callback', strict)).toBe('http:');
  });

  it('is any https for a website whose callback may hop on to another host', () => {
    expect(formActionFor('https://claude.ai/cb', hosted)).toBe('https:');
  });

  it('stays the origin of a loopback address where any https is allowed', () => {
    expect(formActionFor('http://127.0.0.1:33418/callback', hosted)).toBe('http://127.0.0.1:33418');
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://a.example/1',
    'file:///etc/passwd',
    'not a uri',
    '',
  ])('is this origin alone for what is no place to return to: %s', (redirectUri) => {
    expect(formActionFor(redirectUri, hosted)).toBe("'self'");
  });

  it.each([
    "https://a;script-src'unsafe-inline'/cb",
    'https://a.example,https://b.example/cb',
    'https://*/cb',
    'https://*.example/cb',
    "https://a.example'/cb",
    'https://a.example /cb',
    'https://a.example\r\nSet-Cookie: taken=1',
    'https://user:password;@a.example/cb',
    "cursor://a; script-src 'unsafe-inline'",
    "cursor:; script-src 'unsafe-inline'",
    "cur;sor://script-src 'unsafe-inline'",
    '\tjava\nscript:alert(1)',
  ])('cannot open a directive or name every host: %j', (redirectUri) => {
    const source = formActionFor(redirectUri, strict);
    expect(source).toMatch(/^('self'|https:|cursor:|https:\/\/a\.example)$/);
    expect(() => pageHeaders({ formActions: [source] })).not.toThrow();
  });
});
