import type { RequestListener } from 'node:http';
import { createKeySet, type Protection, protectResource, protectResources } from '@bkend/mcp-gateway';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Koa from 'koa';
import { close, createIssuer, type Issuer, listen } from './issuer.ts';

const host = 'https://gateway.example';
const projects = `${host}/mcp`;
const tables = `${host}/mcp/tables`;
const wellKnown = '/.well-known/oauth-protected-resource';

let issuer: Issuer;
let both: Protection[];
beforeAll(async () => {
  issuer = await createIssuer();
  const keys = createKeySet({ issuer: issuer.url });
  both = [projects, tables].map((resource) => protectResource({ issuer: issuer.url, resource, scopes: [], keys }));
});
afterAll(() => issuer[Symbol.asyncDispose]());

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('a handler of the Fetch API', () => {
  it('is given who asks', async () => {
    const [protection] = both;
    const token = await issuer.sign({ aud: projects });
    expect(await protection?.authenticate(new Request(projects, bearer(token)))).toMatchObject({
      accountId: 'account-ada',
    });
  });

  it.each([
    ['without a token', {}, 401],
    ['with a bad one', bearer('bad'), 401],
    ['of a web client that asks first', { method: 'OPTIONS' }, 204],
  ])('is given the answer to a request %s', async (_name, init, status) => {
    const answer = await both[0]?.authenticate(new Request(projects, init));
    expect(answer).toBeInstanceOf(Response);
    expect(answer).toMatchObject({ status });
  });

  it('is given the metadata, too', async () => {
    const answer = await both[0]?.authenticate(new Request(`${host}${wellKnown}/mcp`));
    expect(await (answer as Response).json()).toMatchObject({ resource: projects });
  });
});

describe('several resources in one process', () => {
  const koaListener = () => {
    const app = new Koa();
    app.use(protectResources(...both).koa);
    app.use((ctx) => {
      ctx.body = String(ctx.state.auth.resource);
    });
    return app.callback() as RequestListener;
  };
  const nodeListener: () => RequestListener = () => async (req, res) => {
    const identity = await protectResources(...both).middleware(req, res);
    if (identity) res.end(String(identity.resource));
  };

  describe.each([
    ['node:http', nodeListener],
    ['Koa', koaListener],
  ])('on %s', (_name, createListener) => {
    async function get(path: string, token = ''): Promise<Response> {
      const { server, origin } = await listen(createListener());
      const response = await fetch(`${origin}${path}`, token ? bearer(token) : {});
      const body = await response.text();
      await close(server);
      return new Response(body, response);
    }

    it.each([
      ['/mcp', projects],
      ['/mcp/other', projects],
      ['/mcp/tables', tables],
      ['/mcp/tables/1?x=y', tables],
    ])('%s is a request to %s, and takes no token for the other one', async (path, resource) => {
      const [own, foreign] = [resource, resource === projects ? tables : projects];
      const accepted = await get(path, await issuer.sign({ aud: own }));
      expect([accepted.status, await accepted.text()]).toEqual([200, own]);
      expect((await get(path, await issuer.sign({ aud: foreign }))).status).toBe(401);
    });

    it.each([
      [`${wellKnown}/mcp`, projects],
      [`${wellKnown}/mcp/tables`, tables],
      [wellKnown, projects],
    ])('%s describes %s', async (path, resource) => {
      expect(await (await get(path)).json()).toMatchObject({ resource });
    });

    it.each(['/', '/mcp-admin', '/mc', `${wellKnown}/mcp/other`])(
      '%s belongs to none: 404, never let through',
      async (path) => {
        const response = await get(path, await issuer.sign({ aud: projects }));
        expect([response.status, await response.json()]).toEqual([404, { error: 'not_found' }]);
      },
    );
  });

  it('share the keys of their issuer', async () => {
    issuer.asked.length = 0;
    const keys = createKeySet({ issuer: issuer.url });
    for (const resource of [projects, tables]) {
      const protection = protectResource({ issuer: issuer.url, resource, scopes: [], keys });
      await protection.authenticate(new Request(resource, bearer(await issuer.sign({ aud: resource }))));
    }
    expect(issuer.asked).toEqual(['/.well-known/oauth-authorization-server/mcp', '/mcp/oauth/jwks']);
  });

  it('are at least one', () => {
    expect(() => protectResources()).toThrow('no resource');
  });

  it('answer a fetch handler likewise', async () => {
    const { authenticate } = protectResources(...both);
    expect(await authenticate(new Request(tables, bearer(await issuer.sign({ aud: tables }))))).toMatchObject({
      resource: new URL(tables),
    });
    expect(await authenticate(new Request(`${host}/elsewhere`))).toMatchObject({ status: 404 });
  });
});
