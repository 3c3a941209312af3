import { afterEach, describe, expect, it } from '@jest/globals';
import { type Answer, json, type Script, startScriptedProvider } from '../identity-providers/scripted-provider.ts';
import { aPersonOf, entryFor, heading, serverWith } from '../identity-providers/signing-in.ts';
import { closing } from '../support/closing.ts';
import { listening } from '../support/listening.ts';
import { shared } from '../support/shared.ts';

const provider = shared(startScriptedProvider);
const memberships = [{ emailDomain: 'scripted.example', organization: 'acme', role: 'viewer' }];
const here = shared(() => serverWith(() => [entryFor(provider, { id: 'scripted', memberships })]));
afterEach(() => provider.plays({}));

const lines = () => here.logLines.filter(({ event }) => event === 'identity_provider.refused');

const discovery = '/.well-known/openid-configuration';
const never: Answer = () => undefined;
const cut: Answer = (response) => response.destroy();
const busy: Answer = (response) => response.writeHead(503).end('later');
const limited: Answer = (response) => json(response, { error: 'slow_down' }, 429);
const page: Answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>');
const broken: Answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
const endless: Answer = (response) => json(response, { a: 'x'.repeat(2 * 1024 * 1024) });
const elsewhere: Answer = (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
const list: Answer = (response) => json(response, ['a']);
const created: Answer = (response) => json(response, ['a'], 201);
const error: Answer = (response) => json(response, { error: 'invalid_client' }, 401);
const forbidden: Answer = (response) => response.writeHead(403).end();

/** Of each series; 0 for one that was never counted. */
async function readMetrics(...series: string[]): Promise<number[]> {
  await using operations = await listening(here.server.operations());
  const lines = (await (await fetch(`${operations.origin}/metrics`)).text()).split('\n');
  const lineOf = (name: string) => lines.find((line) => line.startsWith(`${name} `));
  return series.map((name) => Number(lineOf(name)?.split(' ').at(-1) ?? 0));
}

/** Its email is asked at the userinfo endpoint. */
const withoutEmail: Script = { idToken: ({ email: _email, ...claims }) => claims };

describe('while an identity provider', () => {
  it.each<[string, Script, number, string]>([
    ['does not answer for the tokens', { answers: { '/token': never } }, 503, 'code: time'],
    ['cuts the line', { answers: { '/token': cut } }, 503, 'code: connection (UND_ERR_SOCKET)'],
    ['is busy', { answers: { '/token': busy } }, 503, 'code: status 503'],
    ['is asked too much', { answers: { '/token': limited } }, 503, 'code: slow_down'],
    ['is busy with userinfo', { ...withoutEmail, answers: { '/userinfo': busy } }, 503, 'userinfo: status 503'],
    ['does not answer for userinfo', { ...withoutEmail, answers: { '/userinfo': never } }, 503, 'userinfo: time'],
    ['answers with a page', { answers: { '/token': page } }, 403, 'code: content type'],
    ['answers with half of it', { answers: { '/token': broken } }, 403, 'code: JSON'],
    ['answers without an end', { answers: { '/token': endless } }, 503, 'code: size'],
    ['sends us elsewhere', { answers: { '/token': elsewhere } }, 403, 'code: status 302'],
    ['answers with a list', { answers: { '/token': list } }, 403, 'code: form'],
    ['does not know us', { answers: { '/token': error } }, 403, 'code: invalid_client'],
    ['does not say why it does not know us', { answers: { '/token': forbidden } }, 403, 'code: status 403'],
    ['says who somebody else is', { ...withoutEmail, userinfo: { sub: 's-2' } }, 403, 'userinfo: sub'],
    ['answers userinfo with nonsense', { ...withoutEmail, answers: { '/userinfo': list } }, 403, 'userinfo: form'],
  ])(
    '%s, a person reads a page, one line says why, and the same flow goes on afterwards',
    async (_name, script, status, check) => {
      provider.plays(script);
      const before = lines().length;
      const person = aPersonOf(here);
      const { page: refused, verifier } = await person.begins();
      const { host } = new URL(provider.issuer);
      const words = status === 503 ? `${host} does not answer` : `${host} did not sign you in`;
      expect([refused.status, heading(refused), refused.url.search]).toEqual([status, words, '']);
      expect(lines().slice(before)).toEqual([expect.objectContaining({ provider: 'scripted', check, level: 40 })]);
      expect(refused.html).toContain(String(lines().at(-1)?.reference));

      provider.plays({});
      const consent = await person.presses(refused, 'Try again');
      const { body } = await here.tool.exchange((await person.approves(consent)).url, verifier);
      expect(body.access_token).toBeDefined();
    },
  );

  it('is away, the metrics say how often it was asked, how that went, and what people were told', async () => {
    const failures = 'mcp_auth_identity_provider_failures_total{provider="scripted",reason="away"}';
    const calls = (outcome: string) =>
      `mcp_auth_identity_provider_seconds_count{provider="scripted",outcome="${outcome}"}`;
    const all = [failures, calls('refused'), calls('unavailable'), calls('answered')];
    const before = await readMetrics(...all);
    for (const answer of [busy, cut]) {
      provider.plays({ answers: { '/token': answer } });
      await aPersonOf(here).begins();
    }
    const more = (await readMetrics(...all)).map((count, n) => count - Number(before[n]));
    expect(more.slice(0, 3)).toEqual([2, 1, 1]);
    provider.plays({});
    await aPersonOf(here).begins();
    expect(Number((await readMetrics(calls('answered')))[0])).toBeGreaterThan(Number(before[3]));
  });

  it('is away, whoever is connected goes on: nobody asks it', async () => {
    const tokens = await aPersonOf(here).connects();
    const all = ['/token', '/jwks', '/userinfo', discovery];
    provider.plays({ answers: Object.fromEntries(all.map((path) => [path, never])) });
    expect((await here.tool.refresh(String(tokens.refresh_token))).status).toBe(200);
  });
});

const pushes = (answer: Answer): Script => ({ pushes: true, answers: { '/par': answer } });

describe('a provider whose metadata', () => {
  it.each<[string, Script, number, string]>([
    ['cannot be had', { answers: { [discovery]: busy } }, 503, 'discovery: status 503'],
    ['do not come', { answers: { [discovery]: never } }, 503, 'discovery: time'],
    ['are of another issuer', { metadata: { issuer: 'https://rogue.example' } }, 403, 'discovery: issuer'],
    ['name keys that do not come', { answers: { '/jwks': never } }, 503, 'code: time'],
    ['name keys that are busy', { answers: { '/jwks': busy } }, 503, 'code: status 503'],
    ['name keys that are a page', { answers: { '/jwks': page } }, 403, 'code: content type'],
    ['name keys that are none', { answers: { '/jwks': list } }, 403, 'code: form'],
    ['name no place for pushed requests that answers', pushes(never), 503, 'pushed request: time'],
    ['name one for pushed requests that is busy', pushes(busy), 503, 'pushed request: status 503'],
    ['name one for pushed requests that answers nonsense', pushes(created), 403, 'pushed request: form'],
    ['are a page', { answers: { [discovery]: page } }, 403, 'discovery: content type'],
    ['lead to no place', { metadata: { authorization_endpoint: undefined } }, 403, 'discovery: authorization_endpoint'],
  ])('%s is told on a page, and counts again when they are right', async (_name, script, status, check) => {
    await using own = closing(await startScriptedProvider());
    own.plays(script);
    await using server = await serverWith(() => [entryFor(own, { id: 'own' })]);
    const person = aPersonOf(server);
    const { page: refused } = await person.begins();
    const line = server.logLines.filter(({ event }) => event === 'identity_provider.refused').at(-1);
    expect([refused.status, line?.check]).toEqual([status, check]);
    own.plays({ pushes: script.pushes === true });
    expect(heading(await person.presses(refused, 'Try again'))).toBe('You need an organization');
  });
});
