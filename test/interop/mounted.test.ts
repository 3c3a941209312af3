import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, expect, it, jest } from '@jest/globals';
import type { Application, Parts } from '../../examples/mounted/parts.ts';
import { runFile } from '../gateway/programs.ts';
import { stop } from '../support/child-output.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { policyWithGateway } from '../support/gateway-policy.ts';
import { freePort } from '../support/redis.ts';
import { openStream } from '../support/revocation-stream.ts';
import { install } from './client-lab.ts';
import { createSdk1Tool } from './mcp-sdk-1.ts';

const frameworks = ['express', 'fastify', 'koa', 'hono', 'nestjs'] as const;

const inMemory = { DATABASE: ':memory:', STORE_SECRET: 'a secret that only tests may know', LOG_LEVEL: 'silent' };

/** An application of examples/mounted on a free port, in memory. */
async function start(framework: (typeof frameworks)[number], parts: Parts = {}) {
  const { createApplication } = await import(`../../examples/mounted/${framework}.ts`);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  using policy = policyWithGateway();
  const settings = { ...policy.env, ...inMemory, ISSUER: `${origin}/mcp` };
  const { http, server }: Application = await createApplication(settings, parts);
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const stop = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await server.close();
  };
  return { origin, issuer: server.issuer, server, [Symbol.asyncDispose]: stop };
}

describe.each(frameworks)('mounted in %s (R111)', (framework) => {
  it('connects a real client from the 401 to the renewal, and tells gateways at once what was revoked', async () => {
    const { clock, pass } = createTestClock();
    await using host = await start(framework, { clock });
    using _quiet = jest.spyOn(console, 'warn').mockReturnValue(); // oidc-provider says of Express that a parser is in front
    await using installed = install({ create: createSdk1Tool }, host);
    const { tool, browser, wire } = installed;

    const first = await tool.call('whoami');
    expect(first).toMatchObject({ organization: { slug: 'acme' } });
    pass(minutes(61));
    expect(await tool.call('whoami')).toEqual(first);
    expect(browser.visits).toHaveLength(1);
    expect(wire.count('POST /mcp 401')).toBe(2);

    await using feed = await openStream(host.issuer);
    await feed.untilCurrent();
    expect(feed.response.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(feed.response.headers.get('content-encoding')).toBeNull();
    await host.server.revocation.endConnection(String(first.connection));
    expect((await feed.next()).entry).toMatchObject({ kind: 'connection', id: first.connection });
  });

  it('runs as a program, which says what to give to a tool, and answers however that is typed (R93)', async () => {
    const port = await freePort();
    const child = runFile(`examples/mounted/${framework}.ts`, { ...inMemory, PORT: String(port) });
    const said = (await once(child.stdout as Readable, 'data')).join('');
    const typed = ['', '/', '?a=b', '/?a=b'].map((tail) => `http://localhost:${port}/mcp${tail}`);
    const answers = await Promise.all(typed.map((url) => fetch(url, { method: 'POST' })));
    await stop(child);
    expect(said).toBe(`Give http://localhost:${port}/mcp to your tool\n`);
    const metadata = answers.map(({ headers }) =>
      /resource_metadata="(.*?)"/.exec(String(headers.get('www-authenticate'))),
    );
    expect(metadata.map((each) => each?.[1])).toEqual(
      typed.map((url) => url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp')),
    );
  });

  it('leaves the routes of its host alone, and those that a service would answer by itself', async () => {
    await using host = await start(framework);
    expect(await (await fetch(host.origin)).text()).toBe('Welcome');
    const body = new URLSearchParams({ name: 'Ada' });
    const sent = await fetch(`${host.origin}/contact`, { method: 'POST', body });
    expect([sent.status, await sent.json()]).toEqual([200, { name: 'Ada' }]);
    for (const path of ['/healthz', '/metrics', '/mcp/oauth', '/mcp/oauth/unknown', '/register'])
      expect([path, (await fetch(host.origin + path)).status]).toEqual([path, 404]);
  });

  it('shows pages that keep the window which opened them, whatever the host says of its own (R112)', async () => {
    await using host = await start(framework);
    const page = await fetch(`${host.issuer}/oauth/account`);
    expect([page.status, page.headers.get('cross-origin-opener-policy')]).toEqual([200, 'unsafe-none']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*form-action 'self'$/);
    const away = await fetch(`${host.issuer}/oauth/interaction/none/consent`, { redirect: 'manual' });
    expect([away.status, away.headers.get('cross-origin-opener-policy')]).toEqual([303, 'unsafe-none']);
  });
});
