import { describe, expect, it } from '@jest/globals';
import { pageHeaders } from '../../src/http/page-headers.ts';

describe('the headers of a page', () => {
  it('allow styles and images of this origin, forms to this origin, and nothing else (R104)', () => {
    expect(pageHeaders['Content-Security-Policy']).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
  });

  it('keep the page out of caches and frames', () => {
    expect(pageHeaders).toMatchObject({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    });
  });

  it('let our own forms send their origin', () => {
    expect(pageHeaders['Referrer-Policy']).toBe('same-origin');
  });

  it('do not let anybody cut off the window that opened the page (R112)', () => {
    expect(pageHeaders['Cross-Origin-Opener-Policy']).toBe('unsafe-none');
  });
});
