import { describe, expect, it } from '@jest/globals';
import { pageHeaders } from '../../src/http/page-headers.ts';

describe('the headers of a page', () => {
  const headers = pageHeaders({});

  it('allow styles and images of this origin, forms to this origin, and nothing else (R104)', () => {
    expect(headers['Content-Security-Policy']).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
  });

  it.each([
    ['https://console.bkend.ai/sign-in?x=1', 'https://console.bkend.ai'],
    ['http://localhost:4000/sign-in', 'http://localhost:4000'],
    ['http://[::1]:4000/sign-in', 'http:'],
  ])('let a form lead to where people sign in, %s', (signIn, source) => {
    expect(pageHeaders({ signIn })['Content-Security-Policy']?.endsWith(`form-action 'self' ${source}`)).toBe(true);
  });

  it('keep the page out of caches and frames', () => {
    expect(headers).toMatchObject({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    });
  });

  it('let our own forms send their origin', () => {
    expect(headers['Referrer-Policy']).toBe('same-origin');
  });

  it('do not let anybody cut off the window that opened the page (R112)', () => {
    expect(headers['Cross-Origin-Opener-Policy']).toBe('unsafe-none');
  });
});
