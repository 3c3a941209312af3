import { describe, expect, it } from '@jest/globals';
import { createCookies } from '../../src/http/cookies.ts';

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
