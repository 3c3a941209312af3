import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { protectResource, protectResources } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { FRAMEWORKS, serve } from './gateway.ts';
import { bearer, createIssuer } from './issuer.ts';

const host = 'https://gateway.example';

const issuer = shared(createIssuer);
/** The resources at these paths, behind one door. */
const protect = (...paths: string[]) =>
  protectResources(
    ...paths.map((path) => protectResource({ issuer: issuer.url, resource: `${host}${path}`, scopes: [] })),
  );
const door = shared(() => protect('/mcp', '/mcp/tables', '/reports'));
const good = shared(async () => ({ token: await issuer.sign({ aud: `${host}/mcp` }) }));
const requestTo = (path: string) => new Request(`${host}${path}`, { headers: bearer(good.token) });

/** Path confusion, with a token for `/mcp`: some handler serves each of these as a part of another resource. */
const ambiguousTargets: [string, string][] = [
  ['a way back', '/mcp/../reports'],
  ['a way back that is encoded', '/mcp/%2e%2e/reports'],
  ['a way back that is half encoded', '/mcp/.%2E/reports'],
  ['a way back that is encoded twice', '/mcp/%252e%252e/reports'],
  ['a way back with a parameter', '/mcp/..;/reports'],
  ['a way back at the end', '/mcp/tables/..'],
  ['a step on the spot', '/mcp/./tables'],
  ['backslashes', '/mcp\\..\\reports'],
  ['a backslash', '/mcp/\\tables'],
  ['an encoded backslash', '/mcp/..%5creports'],
  ['an encoded slash', '/mcp/..%2freports'],
  ['a slash that is encoded twice', '/mcp%252ftables'],
  ['a double slash within', '/mcp//tables'],
  ['a double slash, which makes a host of what follows', '//mcp/reports'],
  ['another case', '/mcp/TABLES'],
  ['encoded letters', '/mcp/%74ables'],
  ['letters that are encoded twice', '/mcp/%2574ables'],
  ['a parameter', '/mcp/tables;v=1'],
  ['a parameter of an empty segment', '/mcp/;v=1/tables'],
  ['a way back with an encoded question mark', '/mcp/..%3f/reports'],
  ['an encoded question mark', '/mcp/tables%3f'],
  ['a character that ends a text', '/mcp/tables%00'],
  ['a fragment', '/mcp#/../../reports'],
  ['a whole URL', 'http://gateway.example/reports'],
];

const plainTargets = [
  ...['/mcp', '/mcp/', '/mcp?next=/../reports', '/mcp/a.b/..c/...', '/mcp/caf%C3%A9%20a+b', '/mcp/100%25'],
  '/mcp/tables-2',
];

describe.each(FRAMEWORKS)('several resources on %s', (framework) => {
  const gateway = shared(() => serve(door, framework));

  /** The status for a request target that is sent as it stands: `fetch` would put it right. */
  async function statusOf(target: string): Promise<number> {
    const socket = connect(Number(new URL(gateway.origin).port), '127.0.0.1');
    await once(socket, 'connect');
    const { authorization } = bearer(good.token);
    const headers = ['Host: gateway.example', `Authorization: ${authorization}`, 'Connection: close'];
    socket.write(`${[`GET ${target} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`, 'latin1');
    const [, status] = (await text(socket)).split(' ', 2);
    return Number(status);
  }

  it.each(ambiguousTargets)('refuse as ambiguous %s: %s', async (_name, target) => {
    expect(await statusOf(target)).toBe(400);
  });

  it.each(plainTargets)('serve %s, which can be read in one way only', async (target) => {
    expect(await statusOf(target)).toBe(200);
  });
});

describe('several resources for a fetch handler', () => {
  const ask = async (path: string) => {
    const answer = await door.authenticate(requestTo(path));
    return answer instanceof Response ? answer.status : String(answer.resource);
  };

  it.each([
    ...['/mcp/..%2freports', '/mcp/..%5creports', '/mcp%252ftables', '/mcp//tables', '/mcp/%252e%252e/reports'],
    ...['/mcp/TABLES', '/mcp/%74ables', '/mcp/tables;v=1'],
  ])('refuse %s as ambiguous', async (path) => expect(await ask(path)).toBe(400));

  it.each(['/mcp/../reports', '/mcp/%2e%2e/reports', '/mcp\\..\\reports'])(
    'take %s for what every handler is given',
    async (path) => {
      expect(await ask(path)).toBe(401);
      expect(new URL(`${host}${path}`).pathname).toBe('/reports');
    },
  );

  it('serve a plain path', async () => expect(await ask('/mcp/a')).toBe(`${host}/mcp`));
});

describe('several resources', () => {
  it('say in the answer what is wrong', async () => {
    const answer = await door.authenticate(new Request(`${host}/mcp//tables`));
    const error_description = 'The path can be read in more than one way';
    expect(await (answer as Response).json()).toEqual({ error: 'invalid_request', error_description });
  });

  it('may differ in nothing but case, and are told apart by it', async () => {
    const { authenticate } = protect('/mcp', '/MCP');
    expect(await authenticate(requestTo('/mcp'))).toMatchObject({ accountId: 'account-ada' });
    expect(await authenticate(requestTo('/MCP'))).toMatchObject({ status: 401 });
  });

  it.each(['/mcp//tables', '/mcp/a%2Fb'])(
    'may not have a path like %s, whose requests would all be refused',
    (path) => {
      expect(() => protect(path)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
    },
  );
});
