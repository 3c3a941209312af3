import { createKeySet, protectResource, protectResources } from '@bkend/mcp-gateway';
import { describe, expect, it } from '@jest/globals';
import { shared } from '../support/shared.ts';
import { answerOf, serve } from './gateway.ts';
import { bearer, createIssuer, METADATA } from './issuer.ts';

const host = 'https://gateway.example';
const projects = `${host}/mcp`;
const tables = `${host}/mcp/tables`;

const issuer = shared(createIssuer);
/** Both resources, which share the keys of their issuer. */
const protectBoth = () => {
  const keys = createKeySet({ issuer: issuer.url });
  const protect = (resource: string) => protectResource({ issuer: issuer.url, resource, scopes: [], keys });
  return { projects: protect(projects), tables: protect(tables) };
};
const both = shared(protectBoth);
const tokenFor = (aud: string) => issuer.sign({ aud });
const requestTo = async (resource: string) => new Request(resource, { headers: bearer(await tokenFor(resource)) });

describe('a handler of the Fetch API', () => {
  it('is given who asks', async () => {
    const identity = await both.projects.authenticate(await requestTo(projects));
    expect(identity).toMatchObject({ accountId: 'account-ada' });
  });

  it.each([
    ['without a token', {}, 401],
    ['with a bad one', { headers: bearer('bad') }, 401],
    ['of a web client that asks first', { method: 'OPTIONS' }, 204],
  ])('is given the answer to a request %s', async (_name, init, status) => {
    const answer = await both.projects.authenticate(new Request(projects, init));
    expect(answer).toBeInstanceOf(Response);
    expect(answer).toMatchObject({ status });
  });

  it('is given the metadata, too', async () => {
    const answer = await both.projects.authenticate(new Request(`${host}${METADATA}/mcp`));
    expect(await (answer as Response).json()).toMatchObject({ resource: projects });
  });
});

describe('several resources in one process', () => {
  describe.each(['node:http', 'Koa'] as const)('on %s', (framework) => {
    const gateway = shared(() => serve(protectResources(both.projects, both.tables), framework));
    const ask = async (path: string, aud: string) => answerOf(await gateway.call(await tokenFor(aud), path));

    it.each([
      ['/mcp', projects],
      ['/mcp/other', projects],
      ['/mcp/tables', tables],
      ['/mcp/tables/1?x=y', tables],
    ])('%s is a request to %s, and takes no token for the other one', async (path, resource) => {
      expect(await ask(path, resource)).toMatchObject({ status: 200, body: { resource } });
      expect(await ask(path, resource === projects ? tables : projects)).toMatchObject({ status: 401 });
    });

    it.each([
      [`${METADATA}/mcp`, projects],
      [`${METADATA}/mcp/tables`, tables],
      [METADATA, projects],
    ])('%s describes %s', async (path, resource) => {
      expect(await (await gateway.request(path)).json()).toMatchObject({ resource });
    });

    it.each(['/', '/mcp-admin', '/mc', `${METADATA}/mcp/other`])(
      '%s belongs to none: 404, never let through',
      async (path) => {
        expect(await ask(path, projects)).toMatchObject({ status: 404, body: { error: 'not_found' } });
      },
    );
  });

  it('share the keys of their issuer', async () => {
    issuer.asked.length = 0;
    const again = protectBoth();
    await again.projects.authenticate(await requestTo(projects));
    await again.tables.authenticate(await requestTo(tables));
    expect(issuer.asked).toEqual(['/.well-known/oauth-authorization-server/mcp', '/mcp/oauth/jwks']);
  });

  it('are at least one', () => expect(() => protectResources()).toThrow('no resource'));
});
