import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { aboutMail, ask, files, mail, proxiedResource } from '../forward-auth/proxied.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { createIssuer, type Issuer } from '../gateway/issuer.ts';
import { type Attacked, startAttacked } from '../support/attacked.ts';
import { changedPolicy } from '../support/policy.ts';

/**
 * MCP security best practices, "Token Passthrough": an MCP server takes tokens only that were issued for it, so nothing that
 * one was handed, and passed on, opens the next.
 */
let here: Attacked;
let elsewhere: Issuer;
let atMail: Gateway;
const passedOn: Record<string, string> = {};
beforeAll(async () => {
  using policy = changedPolicy({ resources: [proxiedResource(files), proxiedResource(mail)] });
  here = await startAttacked({ env: { ...policy.env, TRUSTED_PROXIES: '127.0.0.1' } });
  elsewhere = await createIssuer();
  atMail = await createGateway(here.server.issuer, { resource: mail });
  const tokens = async (resource: string) => {
    const { callback, verifier } = await here.approved(here.client, { resource, scope: 'openid project:read' });
    return (await here.client.exchange(callback, verifier)).body as Record<string, string>;
  };
  const [forFiles, forMail] = [await tokens(files), await tokens(mail)];
  const claims = decodeJwt(forMail.access_token ?? '');
  Object.assign(passedOn, {
    right: forMail.access_token,
    'was issued for another server': forFiles.access_token,
    'is a refresh token': forMail.refresh_token,
    'is an ID token': forMail.id_token,
    'another authorization server issued': await elsewhere.sign({ ...claims, iss: elsewhere.url }),
    'another authorization server issued in the name of this one': await elsewhere.sign({ ...claims }),
    'has no audience': await elsewhere.sign({ ...claims, aud: undefined }),
  });
});
afterAll(async () => {
  await atMail[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
  await here.close();
});

describe('a token that is passed on', () => {
  it.each([
    'was issued for another server',
    'is a refresh token',
    'is an ID token',
    'another authorization server issued',
    'another authorization server issued in the name of this one',
    'has no audience',
  ])('and %s is refused by the kit and by forward authentication', async (kind) => {
    const token = passedOn[kind] ?? '';
    expect(token.length).toBeGreaterThan(40);

    const byKit = await here.changesNothing(() => atMail.call(token));
    const byProxy = await here.changesNothing(() => ask(here.server, { token, tail: aboutMail }));

    expect([byKit.status, byProxy.status]).toEqual([401, 401]);
    expect(byKit.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(byProxy.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('is nothing that forward authentication hands to the server behind, which learns who asks', async () => {
    const token = passedOn.right ?? '';
    const { status, headers, body } = await ask(here.server, { token, tail: aboutMail });

    expect([status, (await atMail.call(token)).status]).toEqual([200, 200]);
    expect(headers).toHaveProperty('x-account-id');
    expect(JSON.stringify(headers) + body).not.toContain(token);
  });
});
