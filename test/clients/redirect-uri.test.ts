import { describe, expect, it } from '@jest/globals';
import { findRedirectUriError, isSameRedirectUri } from '../../src/clients/index.ts';
import { acceptableRedirectUris, refusedRedirectUris } from './redirect-uri-tables.ts';

describe('a redirect URI', () => {
  it.each(acceptableRedirectUris)('may be %s (R20)', (uri) => expect(findRedirectUriError(uri)).toBeUndefined());

  it.each(refusedRedirectUris)('may not be %s: %j (R20)', (_name, uri) =>
    expect(findRedirectUriError(uri)).toEqual(expect.any(String)),
  );

  it('may have 2,000 characters and no more', () => {
    const uri = (length: number) => `https://tool.example/${'a'.repeat(length - 21)}`;

    expect(findRedirectUriError(uri(2000))).toBeUndefined();
    expect(findRedirectUriError(uri(2001))).toBe('must be at most 2000 characters long');
  });
});

describe('a redirect URI that was registered', () => {
  const cursor = 'cursor://anysphere.cursor-mcp/oauth/callback';
  it.each([
    ['itself, https', 'https://tool.example/cb?x=1', 'https://tool.example/cb?x=1'],
    ['itself, of an app', cursor, cursor],
    ['another port (R37)', 'http://127.0.0.1:33418/cb', 'http://127.0.0.1:60000/cb'],
    ['a port where none was registered (R37)', 'http://localhost/callback', 'http://localhost:51234/callback'],
    ['no port where one was registered (R37)', 'http://localhost:3118/callback', 'http://localhost/callback'],
    ['another name of this computer (R38)', 'http://localhost:3118/cb', 'http://127.0.0.1:3118/cb'],
    ['this computer by IPv6 (R38)', 'http://127.0.0.1:3118/cb', 'http://[::1]:40000/cb'],
    ['no path for the root (R37)', 'http://127.0.0.1:33418/', 'http://127.0.0.1:60000'],
    ['the root for no path (R37)', 'http://127.0.0.1', 'http://127.0.0.1:60000/'],
    ['its query', 'http://localhost:1/cb?a=b', 'http://localhost:2/cb?a=b'],
    ['less than its query, as Continue does (A.5)', 'http://localhost:3000/?state=1b4e', 'http://localhost:3000'],
    ['its name in capitals', 'http://localhost:1/cb', 'HTTP://LOCALHOST:1/cb'],
  ])('may be used as %s', (_name, registered, used) => expect(isSameRedirectUri(registered, used)).toBe(true));

  it.each([
    ['another path', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:1/cb/more'],
    ['a path of other capitals', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:1/CB'],
    ['a path that only a parser finds equal', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:1/x/../cb'],
    ['a path spelled by escapes', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:1/%63b'],
    ['a slash more', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:1/cb/'],
    ['a query where none was registered', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:1/cb?next=evil'],
    ['another query', 'http://127.0.0.1:1/cb?a=b', 'http://127.0.0.1:1/cb?a=c'],
    ['https for http', 'http://127.0.0.1:1/cb', 'https://127.0.0.1:1/cb'],
    ['a host that begins like this computer', 'http://127.0.0.1:1/cb', 'http://127.0.0.1.evil.example:1/cb'],
    ['a host behind a user name', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:1@evil.example/cb'],
    ['another spelling of this computer', 'http://127.0.0.1:1/cb', 'http://127.1:1/cb'],
    ['another port of a website (R39)', 'https://tool.example/cb', 'https://tool.example:8443/cb'],
    ['another port on https loopback (R39)', 'https://localhost:1/cb', 'https://localhost:2/cb'],
    ['the root of a website for no path (R39)', 'https://tool.example', 'https://tool.example/'],
    ['a website in capitals (R39)', 'https://tool.example/cb', 'https://TOOL.example/cb'],
    ['a website without its query (R39)', 'https://tool.example/cb?x=1', 'https://tool.example/cb'],
    ['another host of an app (R39)', 'cursor://a/cb', 'cursor://b/cb'],
    ['the same URI with a fragment', 'https://tool.example/cb', 'https://tool.example/cb#x'],
  ])('may not be used as %s', (_name, registered, used) => expect(isSameRedirectUri(registered, used)).toBe(false));

  it('is not believed when it could not be registered today (R21)', () =>
    expect(isSameRedirectUri('javascript:alert(1)', 'javascript:alert(1)')).toBe(false));
});
