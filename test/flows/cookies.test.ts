import { describe, expect, it } from '@jest/globals';
import type { LocalDirectory } from '../../src/directory/index.ts';
import { startWeb } from '../clients/document-web.ts';
import { createPlainBrowser, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { startServer } from '../support/server.ts';
import { createVisitor } from '../support/visitor.ts';

const credentials = { email: 'demo@example.com', password: 'demo-password' };
const heading = ({ html }: { html: string }) => /<h1>(.*?)<\/h1>/s.exec(html)?.[1]?.replace(/<[^>]*>/g, '');

describe('two servers on one host (R109)', () => {
  it('do not sign each other out: a browser keeps cookies by host, whatever the port', async () => {
    await using one = await startServer();
    await using other = await startServer();
    const [here, there] = [createPlainBrowser(one.origin), createPlainBrowser(other.origin)];
    const signIn = async (browser: PlainBrowser) =>
      browser.submit(await browser.open('/mcp/oauth/account/sign-in'), '/sign-in', credentials);
    const share = (from: PlainBrowser, to: PlainBrowser) => {
      for (const [name, cookie] of from.cookies) (to.cookies as Map<string, typeof cookie>).set(name, cookie);
    };

    const visitor = await createVisitor(one);
    const { page } = await visitor.reachesConsent({ browser: here });
    share(here, there);
    await signIn(there);
    share(there, here);

    for (const browser of [here, there]) {
      expect(heading(await browser.open('/mcp/oauth/account'))).toBe('Your connections');
    }
    // The page that was open meanwhile is worth a code, and the next tool asks for no password.
    expect((await here.submit(page, '/consent')).url.searchParams.has('code')).toBe(true);
    expect(heading((await visitor.reachesSignIn({ browser: here })).page)).not.toMatch(/sign in/i);
  });
});

describe('behind a proxy that speaks https', () => {
  const issuer = 'https://auth.example.com/mcp';
  const ofFlowForm =
    /^__Secure-mcp_auth_(interaction|resume)_.*; path=\/mcp\/oauth\/(interaction|authorize)\/[\w-]+; (expires=[^;]*; )?samesite=lax; secure; httponly$/i;
  // In any order, as oidc-provider and we append them; never with a domain.
  const ofSessionForm =
    /^__Host-mcp_auth_session_(?=.*; path=\/;)(?=.*; expires=)(?=.*; samesite=lax;)(?=.*; secure;)(?=.*; httponly)(?!.*domain=)/i;
  const ofMarkForm =
    /^__Host-mcp_auth_installation_(?=.*; path=\/;)(?=.*; expires=)(?=.*; samesite=lax;)(?=.*; secure;)(?=.*; httponly)(?!.*domain=)/i;
  const setBy = (answer: Response) => answer.headers.getSetCookie();
  const cookieHeader = (lines: string[]) => ({ Cookie: lines.map((line) => line.split(';')[0]).join('; ') });
  const pathOf = (answer: Response) => new URL(String(answer.headers.get('Location')), issuer).pathname;

  it('every cookie of a flow is sent over https only, and planted by no sibling host where that can be', async () => {
    await using web = { ...(await startWeb()), [Symbol.asyncDispose]: () => web.close() };
    const client_id = 'https://tool.example.com/client.json';
    const redirect_uri = 'https://tool.example.com/cb';
    web.serveJson(client_id, { client_id, client_name: 'A tool', redirect_uris: [redirect_uri] });
    await using server = await startServer({ issuer, parts: { network: web.network } });
    const ada = { email: 'ada@example.com', password: 'difference engine' };
    const directory = server.server.directory as LocalDirectory;
    const { id: organizationId } = await directory.createOrganization({ slug: 'engines', name: 'Engines' });
    await directory.createAccount({ ...ada, name: 'Ada', memberships: [{ organizationId, role: 'owner' }] });
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, server.origin), { ...init, redirect: 'manual' });
    const query = new URLSearchParams({
      client_id,
      redirect_uri,
      response_type: 'code',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      scope: 'project:read',
    });

    const begun = await ask(`/mcp/oauth/authorize?${query}`);
    const ofFlow = setBy(begun);
    expect(ofFlow).toEqual(Array(4).fill(expect.stringMatching(ofFlowForm)));

    const headers = cookieHeader(ofFlow);
    const page = await (await ask(pathOf(begun), { headers })).text();
    const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(page) ?? [];
    const body = new URLSearchParams({ csrf, ...ada });
    const signedIn = await ask(`${pathOf(begun)}/sign-in`, { method: 'POST', headers, body });
    const ofSession = setBy(signedIn);
    expect(ofSession).toEqual(Array(2).fill(expect.stringMatching(ofSessionForm)));

    // Resumed by oidc-provider, which renews the session and begins the next step.
    const resumed = await ask(pathOf(signedIn), { headers: cookieHeader([...ofFlow, ...ofSession]) });
    const renewed = setBy(resumed).filter((line) => line.startsWith('__Host-'));
    expect(renewed).toEqual(Array(2).fill(expect.stringMatching(ofSessionForm)));
    const others = setBy(resumed).filter((line) => !line.startsWith('__Host-'));
    expect(others.length).toBeGreaterThanOrEqual(4);
    for (const line of others) expect(line).toMatch(/^__Secure-.*; secure/i);

    // The mark of the browser in which a tool with one id everywhere was approved, and its signature (issue 10).
    const consentHeaders = cookieHeader([...setBy(resumed).filter((line) => !/expires=Thu, 01 Jan 1970/i.test(line))]);
    const [, proof = ''] =
      /name="csrf" value="([^"]*)"/.exec(await (await ask(pathOf(resumed), { headers: consentHeaders })).text()) ?? [];
    const consent = new URLSearchParams({ csrf: proof, organization: 'engines', scope: 'project:read' });
    const approved = await ask(`${pathOf(resumed)}/consent`, {
      method: 'POST',
      headers: consentHeaders,
      body: consent,
    });
    const marks = setBy(approved).filter((line) => line.startsWith('__Host-mcp_auth_installation_'));
    expect(marks).toEqual(Array(2).fill(expect.stringMatching(ofMarkForm)));
    expect(marks.map((line) => /^[^=]*?(\.sig)?=/.exec(line)?.[1])).toEqual([undefined, '.sig']);
  });
});
