import { canonicalResource } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';

describe('the canonical spelling of a resource', () => {
  it.each([
    ['stays as it is when it is canonical', 'https://gateway.example/mcp', 'https://gateway.example/mcp'],
    ['has its scheme in lower case', 'HTTPS://gateway.example/mcp', 'https://gateway.example/mcp'],
    ['has its host in lower case', 'https://Gateway.EXAMPLE/mcp', 'https://gateway.example/mcp'],
    ['has no default port of https', 'https://gateway.example:443/mcp', 'https://gateway.example/mcp'],
    ['has no default port of http', 'http://127.0.0.1:80/mcp', 'http://127.0.0.1/mcp'],
    ['keeps another port', 'https://gateway.example:8443/mcp', 'https://gateway.example:8443/mcp'],
    ['has no slash for an empty path', 'https://gateway.example/', 'https://gateway.example'],
    ['keeps the slash at the end of a path', 'https://gateway.example/mcp/', 'https://gateway.example/mcp/'],
    ['keeps the case of the path', 'https://gateway.example/MCP', 'https://gateway.example/MCP'],
    ['keeps the query', 'https://gateway.example/mcp?tenant=1', 'https://gateway.example/mcp?tenant=1'],
  ])('%s', (_name, spelling, canonical) => expect(canonicalResource(spelling)).toBe(canonical));

  it.each([
    ['a fragment (RFC 8707 §2)', 'https://gateway.example/mcp#here'],
    ['an empty fragment', 'https://gateway.example/mcp#'],
    ['user information', 'https://ada:secret@gateway.example/mcp'],
    ['another scheme', 'ftp://gateway.example/mcp'],
    ['no scheme', 'gateway.example/mcp'],
    ['no host', 'https:///mcp'],
    ['one slash', 'https:/gateway.example/mcp'],
    ['backslashes', 'https:\\\\gateway.example\\mcp'],
    ['blanks', ' https://gateway.example/mcp'],
    ['a line break', 'https://gateway.example/m\ncp'],
    ['nothing', ''],
  ])('does not exist for %s', (_name, spelling) => {
    expect(() => canonicalResource(spelling)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});
