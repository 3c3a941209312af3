import { createFindResource } from '@bkend/mcp-gateway/vocabulary';
import { describe, expect, it } from '@jest/globals';

const uri = 'https://gateway.example/mcp';
const find = createFindResource([
  { uri, formerly: ['https://old.example', 'https://gateway.example/v1'] },
  { uri: 'https://both.example/mcp' },
  { uri: 'https://both.example/mcp/' },
  { uri: 'https://slash.example/mcp/' },
  { uri: 'https://bare.example' },
  { uri: 'http://localhost:3000/mcp' },
]);

describe('which resource a URL means (R93)', () => {
  it.each([
    ['exactly', uri, uri],
    ['in another spelling', 'HTTPS://Gateway.Example:443/mcp', uri],
    ['with blanks around it', ` ${uri}\n`, uri],
    ['with a slash at the end', `${uri}/`, uri],
    ['with a query', `${uri}?read_only=true`, uri],
    ['with an empty query', `${uri}?`, uri],
    ['with a query of slashes and question marks', `${uri}?next=/a/?b=c/`, uri],
    ['with a slash and a query', `${uri}/?kb_name=test`, uri],
    ['where it was', 'https://old.example', uri],
    ['where it was, with a slash', 'https://old.example/', uri],
    ['where it was, with a slash and a query', 'https://gateway.example/v1/?a=b', uri],
    ['exactly, with a slash, where both exist', 'https://both.example/mcp/', 'https://both.example/mcp/'],
    ['exactly, without, where both exist', 'https://both.example/mcp', 'https://both.example/mcp'],
    ['with a slash and a query, where both exist', 'https://both.example/mcp/?a=b', 'https://both.example/mcp/'],
    ['with a query, where both exist', 'https://both.example/mcp?a=b', 'https://both.example/mcp'],
    ['without the slash of the catalogue', 'https://slash.example/mcp', 'https://slash.example/mcp/'],
    ['an origin with a slash', 'https://bare.example/', 'https://bare.example'],
    ['an origin with a query', 'https://bare.example?a=b', 'https://bare.example'],
    ['an origin with a slash and a query', 'https://bare.example/?a=b', 'https://bare.example'],
    ['127.0.0.1 (R102)', 'http://127.0.0.1:3000/mcp', 'http://localhost:3000/mcp'],
    ['[::1] (R102)', 'http://[::1]:3000/mcp', 'http://localhost:3000/mcp'],
    ['127.0.0.1 with a slash and a query (R102)', 'http://127.0.0.1:3000/mcp/?a=b', 'http://localhost:3000/mcp'],
  ])('%s: %j', (_name, url, meant) => expect(find(url)?.uri).toBe(meant));

  it.each([
    ['another path', `${uri}/other`],
    ['a path before it', 'https://gateway.example'],
    ['a longer segment', `${uri}s`],
    ['another case of the path', 'https://gateway.example/MCP'],
    ['two slashes at the end', `${uri}//`],
    ['a fragment', `${uri}#part`],
    ['a fragment behind a query', `${uri}?a=b#part`],
    ['another scheme', 'http://gateway.example/mcp'],
    ['another port', 'https://gateway.example:8443/mcp'],
    ['a host that only begins so', 'https://gateway.example.evil/mcp'],
    ['a user name', 'https://ada@gateway.example/mcp'],
    ['a path below where it was', 'https://gateway.example/v1/other'],
    ['another port of this machine', 'http://127.0.0.1:3001/mcp'],
    ['another address of this machine', 'http://127.0.0.2:3000/mcp'],
    ['a host that looks like this machine', 'http://127.0.0.1.evil.example:3000/mcp'],
    ['a resource of elsewhere, said to be of this machine', 'https://localhost/mcp'],
    ['a path in a query', 'https://gateway.example?/mcp'],
    ['nothing', ''],
    ['no URL', 'mcp'],
  ])('none: %s', (_name, url) => expect(find(url)).toBeUndefined());

  it('a resource whose own query tells it from others, only with that query', () => {
    const all = 'https://tenants.example/mcp';
    const [one, two] = [`${all}?tenant=1`, `${all}?tenant=2`].map((uri) => ({ uri }));
    const findTenant = createFindResource([one as { uri: string }, two as { uri: string }]);
    expect(findTenant('https://TENANTS.example/mcp?tenant=2')).toBe(two);
    expect(findTenant(`${all}?tenant=3`)).toBeUndefined();
    expect(findTenant(all)).toBeUndefined();
    const findOne = createFindResource([{ uri: all }, one as { uri: string }]);
    for (const url of [`${all}?tenant=1`, `${all}/?tenant=1`]) expect(findOne(url)).toBe(one);
    expect(findOne(`${all}?tenant=2`)?.uri).toBe(all);
  });

  it('the first of two of this machine, where neither is spelled so', () => {
    const [first, second] = ['http://localhost:3000/mcp', 'http://127.0.0.1:3000/mcp'];
    const findHere = createFindResource([{ uri: first as string }, { uri: second as string }]);
    expect(findHere('http://[::1]:3000/mcp')?.uri).toBe(first);
    expect(findHere(second as string)?.uri).toBe(second);
  });

  it('the present one of two, where another one was formerly', () => {
    const moved = createFindResource([{ uri: 'https://new.example/mcp', formerly: [uri] }, { uri }]);
    for (const url of [uri, `${uri}/`, `${uri}?a=b`]) expect(moved(url)?.uri).toBe(uri);
  });
});
