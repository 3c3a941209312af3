import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createInstallation } from '../interop/installation.ts';
import { createSdk1Tool } from '../interop/mcp-sdk-1.ts';
import { createWebBrowser } from '../interop/web-browser.ts';
import { createWire } from '../interop/wire.ts';
import { launchBrowser } from '../support/browser.ts';
import { createTestClock, minutes } from '../support/clock.ts';
import { listening } from '../support/listening.ts';
import { startTool } from '../support/listening-tool.ts';
import { createPerson } from '../support/person.ts';
import { openBrowserFor } from '../support/person-in-browser.ts';
import { startNginx } from '../support/proxies.ts';
import { freePort } from '../support/redis.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** examples/nginx-in-front as it stands but for its addresses: two servers and another application on one host. */
async function startSharedHost(change: (configuration: string) => string = (configuration) => configuration) {
  await using started = new AsyncDisposableStack();
  const { clock, pass } = createTestClock();
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const start = async (path: string) => {
    const issuer = `${origin}/${path}/mcp`;
    const env = { TRUSTED_PROXIES: '127.0.0.1' };
    return started.use(await startServer({ issuer, env, demonstration: true, parts: { clock } }));
  };
  const [prod, staging] = [await start('prod'), await start('staging')];
  const application = started.use(
    await listening((request, response) => {
      response.setHeader('Set-Cookie', 'session=of the application; Path=/; HttpOnly');
      response.setHeader('Content-Type', 'text/html').end(`<h1>The application at ${request.url}</h1>`);
    }),
  );
  const at = (port: number, other: { origin: string }): [string, string] => [
    `127.0.0.1:${port}`,
    `127.0.0.1:${new URL(other.origin).port}`,
  ];
  const configuration = readFileSync(new URL('../../examples/nginx-in-front/nginx.conf', import.meta.url), 'utf8')
    .replaceAll(...at(8080, { origin }))
    .replaceAll(...at(3001, prod))
    .replaceAll(...at(3002, staging))
    .replaceAll(...at(5000, application));
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  started.use(await startNginx(change(configuration), folder));
  const all = started.move();
  const close = () => all.disposeAsync();
  return { origin, prod, staging, pass, close, [Symbol.asyncDispose]: close };
}

const host = shared(startSharedHost);
const startWithout = (lines: RegExp) => startSharedHost((configuration) => configuration.replaceAll(lines, ''));

describe('below a path of a shared host', () => {
  it('two servers and an application do not sign each other out, in one browser (R108, R109)', async () => {
    await using browser = await launchBrowser();
    const person = await openBrowserFor(browser, 'solo@example.com');
    const failures: string[] = [];
    person.page.on('response', (response) => {
      if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
    });
    await person.opens(host.origin);
    for (const { issuer } of [host.prod, host.staging]) {
      const tool = await startTool(issuer);
      const attempt = tool.connects();
      await person.opens(attempt.url);
      await person.signsIn();
      const styled = await person.page.evaluate(`document.querySelector('link[rel=stylesheet]').sheet.href`);
      expect(styled).toMatch(`${issuer}/oauth/assets/`);
      await person.approves();
      const { status, body } = await attempt.receivesTokens();
      expect([status, decodeJwt(String(body.access_token)).iss]).toEqual([200, issuer]);
      tool.close();
    }
    for (const { issuer } of [host.prod, host.staging]) {
      await person.opens(`${issuer}/oauth/account`);
      await person.follows(/Claude Code/);
      expect(person.page.url()).toContain(`${issuer}/oauth/account/connections/`);
    }
    await person.opens(`${host.origin}/oauth/account`);
    await person.sees('The application at /oauth/account');

    await person.opens(`${host.prod.issuer}/oauth/account`);
    await person.follows('Sign out');
    await person.page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await person.page.waitForLoadState();
    await person.opens(`${host.prod.issuer}/oauth/account`);
    expect(await person.page.getByLabel('Password').count()).toBe(1);
    await person.opens(`${host.staging.issuer}/oauth/account`);
    expect(await person.page.getByLabel('Password').count()).toBe(0);
    expect(failures).toEqual([]);
  });

  it.each(['prod', 'staging'] as const)('a real client connects to /%s/mcp and renews (R108)', async (path) => {
    const browser = createWebBrowser(host.origin);
    const surroundings = { installation: createInstallation(), browser, wire: createWire() };
    await using tool = createSdk1Tool({ url: new URL(host[path].issuer), ...surroundings });
    const first = await tool.call('whoami');
    host.pass(minutes(61));
    expect(await tool.call('whoami')).toEqual(first);
    expect(browser.visits).toHaveLength(1);
  });

  it('hands on the documents of each server, and nothing else of the root', async () => {
    for (const { issuer } of [host.prod, host.staging]) {
      const { pathname } = new URL(issuer);
      for (const path of [
        `/.well-known/oauth-authorization-server${pathname}`,
        `/.well-known/openid-configuration${pathname}`,
        `${pathname}/.well-known/openid-configuration`,
      ]) {
        expect(await (await fetch(host.origin + path)).json()).toMatchObject({ issuer });
      }
      const resource = await fetch(`${host.origin}/.well-known/oauth-protected-resource${pathname}`);
      expect(await resource.json()).toMatchObject({ resource: issuer, authorization_servers: [issuer] });
    }
    for (const path of ['/healthz', '/production', '/.well-known/oauth-authorization-server/productive/mcp'])
      expect(await (await fetch(host.origin + path)).text()).toContain('The application at');
  });
});

const long = 'x'.repeat(10_000);

async function comesBack({ origin, prod }: { origin: string; prod: { issuer: string } }) {
  const client = await registerClient(prod.issuer);
  const callback = await createPerson(origin).approves(client.authorizationRequest({ state: long }).url);
  return callback.searchParams.get('state');
}

/** `prompt=none` of somebody who is not signed in: the answer is a redirect to where the tool waits, with its state. */
async function refusalOf({ prod }: { prod: { issuer: string } }) {
  const client = await registerClient(prod.issuer);
  const { url } = client.authorizationRequest({ state: long, prompt: 'none' });
  const { status, headers } = await fetch(url, { redirect: 'manual' });
  if (status !== 303) throw new Error(`answered ${status}`);
  return new URL(headers.get('location') ?? '').searchParams.get('state');
}

describe('a state of ten thousand characters', () => {
  it('comes back through the example', async () => {
    expect(await comesBack(host)).toBe(long);
  });

  it('needs its buffers for requests', async () => {
    await using poor = await startWithout(/large_client_header_buffers .*/g);
    await expect(comesBack(poor)).rejects.toThrow(/414/);
  });

  it('needs its buffers for answers, when they are redirects to the tool', async () => {
    await using poor = await startWithout(/proxy_buffer(_size|s) .*/g);
    expect(await refusalOf(host)).toBe(long);
    await expect(refusalOf(poor)).rejects.toThrow(/502/);
  });
});
