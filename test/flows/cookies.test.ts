import { describe, expect, it } from '@jest/globals';
import { startWeb } from '../clients/document-web.ts';
import { createPlainBrowser, heading, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { accountsOf, createMember } from '../support/member.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { createVisitor } from '../support/visitor.ts';

const credentials = { email: 'demo@example.com', password: 'demo-password' };

it('two servers on one host (R109) do not sign each other out: a browser keeps cookies by host, whatever the port', async () => {
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

  for (const browser of [here, there])
    expect(heading(await browser.open('/mcp/oauth/account'))).toBe('Your connections');
  // The page that was open meanwhile is worth a code, and the next tool asks for no password.
  expect((await here.submit(page, '/consent')).url.searchParams.has('code')).toBe(true);
  expect(heading((await visitor.reachesSignIn({ browser: here })).page)).not.toMatch(/sign in/i);
});

describe('behind a proxy that speaks https', () => {
  const issuer = 'https://auth.example.com/mcp';
  const ofFlowForm =
    /^__Secure-mcp_auth_(interaction|resume)_.*; path=\/mcp\/oauth\/(interaction|authorize)\/[\w-]+; (expires=[^;]*; )?samesite=lax; secure; httponly$/i;
  // In any order, as oidc-provider and we append them; never with a domain.
  const lasting = (kind: string) =>
    new RegExp(
      `^__Host-mcp_auth_${kind}_(?=.*; path=/;)(?=.*; expires=)(?=.*; samesite=lax;)(?=.*; secure;)(?=.*; httponly)(?!.*domain=)`,
      'i',
    );
  const twoOf = (kind: string) => Array(2).fill(expect.stringMatching(lasting(kind)));
  const setBy = (answer: Response) => answer.headers.getSetCookie();
  const isOfHost = (line: string) => line.startsWith('__Host-');
  const cookieHeader = (lines: string[]) => ({ Cookie: lines.map((line) => line.split(';')[0]).join('; ') });
  const pathOf = (answer: Response) => new URL(String(answer.headers.get('Location')), issuer).pathname;

  it('every cookie of a flow is sent over https only, and planted by no sibling host where that can be', async () => {
    await using web = await startWeb();
    const client_id = 'https://tool.example.com/client.json';
    const document = { client_id, client_name: 'A tool', redirect_uris: ['https://tool.example.com/cb'] };
    web.serveJson(client_id, document);
    await using server = await startServer({ issuer, parts: { network: web.network } });
    await accountsOf(server).createOrganization({ slug: 'acme', name: 'Acme' });
    const { credentials: ada } = await createMember(server, 'ada');
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, server.origin), { ...init, redirect: 'manual' });
    /** Sends the form of a step, and what it has to have in it. */
    const submit = async (path: string, form: string, headers: { Cookie: string }, fields: Record<string, string>) => {
      const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(await (await ask(path, { headers })).text()) ?? [];
      return ask(path + form, { method: 'POST', headers, body: new URLSearchParams({ csrf, ...fields }) });
    };

    const { search } = relyingParty(issuer, document).authorizationRequest({ scope: 'project:read' }).url;
    const begun = await ask(`/mcp/oauth/authorize${search}`);
    const ofFlow = setBy(begun);
    expect(ofFlow).toEqual(Array(4).fill(expect.stringMatching(ofFlowForm)));

    const signedIn = await submit(pathOf(begun), '/sign-in', cookieHeader(ofFlow), ada);
    // oidc-provider has begun the next step.
    expect(setBy(signedIn).filter(isOfHost)).toEqual(twoOf('session'));
    const others = setBy(signedIn).filter((line) => !isOfHost(line));
    expect(others.length).toBeGreaterThanOrEqual(4);
    for (const line of others) expect(line).toMatch(/^__Secure-.*; secure/i);

    // The mark of the browser in which a tool with one id everywhere was approved, and its signature.
    const kept = setBy(signedIn).filter((line) => !/expires=Thu, 01 Jan 1970/i.test(line));
    const consent = { organization: 'acme', scope: 'project:read' };
    const approved = await submit(pathOf(signedIn), '/consent', cookieHeader(kept), consent);
    const marks = setBy(approved).filter((line) => line.startsWith('__Host-mcp_auth_installation_'));
    expect(marks).toEqual(twoOf('installation'));
    expect(marks.map((line) => /^[^=]*?(\.sig)?=/.exec(line)?.[1])).toEqual([undefined, '.sig']);
  });
});
