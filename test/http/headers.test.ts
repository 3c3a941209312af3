import { describe, expect, it } from '@jest/globals';
import { createCookies } from '../../src/http/cookies.ts';
import { pageHeaders } from '../../src/http/page-headers.ts';

const namesFor = (issuer: string) => Object.values(createCookies(issuer).names);

describe('the names of cookies', () => {
  it.each([
    ['another port', 'http://localhost:3001/mcp'],
    ['another path', 'http://localhost:3000/other'],
    ['no path', 'http://localhost:3000'],
    ['https', 'https://localhost:3000/mcp'],
  ])('are others for a server on the same host with %s (R109)', (_name, issuer) => {
    const names = new Set(namesFor('http://localhost:3000/mcp'));
    expect(namesFor(issuer).filter((name) => names.has(name))).toEqual([]);
  });

  it('stay the same for one issuer, on every node and after a restart', () => {
    expect(namesFor('https://auth.example.com/mcp')).toEqual(namesFor('https://auth.example.com/mcp'));
  });

  it('promise what the issuer can keep: nothing over http', () => {
    expect(namesFor('http://localhost:3000/mcp').join()).not.toContain('__');
    for (const name of namesFor('https://auth.example.com/mcp')) expect(name).toMatch(/^__(Host|Secure)-/);
  });
});

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
