import { decodeJwt } from 'jose';
import { TOTP } from 'otpauth';
import { createPlainBrowser, type LoadedPage, type PlainBrowser } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { changedPolicy } from '../support/policy.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { createAuthenticator } from './authenticator.ts';

export const password = 'demo-password';
export const account = '/mcp/oauth/account';
export const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';

/** What a token says of a password and a code of an app. */
export const withCode = { amr: ['pwd', 'otp', 'mfa'], acr: multiFactor };

export const headingOf = ({ html }: LoadedPage) =>
  /<h1[^>]*>(.*?)<\/h1>/s
    .exec(html)?.[1]
    ?.replaceAll(/<[^>]*>/g, '')
    .trim();
export const errorOf = ({ html }: LoadedPage) =>
  /id="form-error".*?<bdi>(.*?)<\/bdi>/s.exec(html)?.[1]?.replaceAll(/\s+/g, ' ');
/** Where the page goes on to when the codes were kept. */
export const onwardsOf = ({ html }: LoadedPage) =>
  (/class="button primary" href="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&');
export const recoveryCodesOf = ({ html }: LoadedPage) =>
  [...html.matchAll(/<li><code>([^<]*)<\/code>/g)].map(([, code = '']) => code);
export const requestOf = ({ html }: LoadedPage) =>
  JSON.parse(
    (/data-request="([^"]*)"/.exec(html)?.[1] ?? '{}')
      .replaceAll('&#34;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&'),
  );

export async function startFactors(
  signIn: Record<string, unknown> = {},
  env: Record<string, string> = {},
  issuer?: string,
) {
  using policy = changedPolicy({ signIn: { tokenClaims: ['amr', 'acr', 'auth_time'], ...signIn } });
  const { clock, pass } = createTestClock();
  // Behind the machine's, by which oidc-provider judges `max_age`: every sign-in is older than any that a tool asks for.
  pass(-24 * 60 * 60);
  const server = await startServer({ env: { ...policy.env, ...env }, parts: { clock }, ...(issuer && { issuer }) });
  const { origin } = new URL(server.issuer);

  /** Somebody in front of a browser, with a phone that shows codes and a key for passkeys. */
  function someone(email = 'demo@example.com') {
    const browser = createPlainBrowser(origin);
    const key = createAuthenticator(origin);
    const phone = { secret: '' };
    const codes: string[] = [];
    const keep = (page: LoadedPage) => {
      codes.push(...recoveryCodesOf(page));
      return page;
    };
    const self = {
      email,
      browser,
      key,
      phone,
      codes,
      /** To the sign-in page of a tool. */
      async arrives(request?: Record<string, string | undefined>, known?: RelyingParty) {
        const client = known ?? (await registerClient(server.issuer));
        const { url, verifier } = client.authorizationRequest({ scope: 'openid project:read', ...request });
        const page = await browser.open(url.href);
        /** Goes on to the consent for Acme, approves; the claims of the access token and of the ID token. */
        const approves = (at: LoadedPage) => approve(browser, client, verifier, at);
        return { client, verifier, page, approves };
      },
      types: (page: LoadedPage, given = password) => browser.submit(page, '/sign-in', { email, password: given }),
      code: (): string => new TOTP({ secret: phone.secret }).generate({ timestamp: clock.now() }),
      /** Scans the picture of a page, and sends the code. */
      async scans(page: LoadedPage, fields: Record<string, string> = {}) {
        phone.secret = (/class="secret"><bdi>([^<]*)</.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
        const action = page.html.includes('/factor"') || page.html.includes('/factor?') ? '/factor' : '/security/app';
        const rest = keep(await browser.submit(page, action, { code: self.code(), ...fields }));
        pass(30);
        return rest;
      },
      async shows(page: LoadedPage, fields: Record<string, string> = {}) {
        const rest = await browser.submit(page, '/factor', { code: self.code(), ...fields });
        pass(30);
        return rest;
      },
      /** Lets the key answer what the page asks the browser for. */
      async touches(page: LoadedPage, lies?: Parameters<typeof key.get>[1], fields: Record<string, string> = {}) {
        const { kind, options } = requestOf(page);
        const credential = key[kind as 'get' | 'create'](JSON.stringify(options), lies);
        const action = page.html.includes('/security/new-passkey"') ? '/new-passkey' : '/factor';
        return keep(await browser.submit(page, action, { credential, ...fields }));
      },
      /** Signs in to the account's pages. */
      async signsIn() {
        const page = await browser.open(`${account}/sign-in`);
        return browser.submit(page, '/sign-in', { email, password });
      },
      /** From the account's pages; the browser is signed in then. */
      async addsApp(): Promise<LoadedPage> {
        await self.signsIn();
        return self.scans(await browser.open(`${account}/security/app`));
      },
      async addsPasskey(): Promise<LoadedPage> {
        await self.signsIn();
        return self.touches(await browser.open(`${account}/security/new-passkey`));
      },
    };
    return self;
  }

  return {
    server,
    clock,
    pass,
    /** With an account of the demonstration, in a browser of their own. */
    someone,
    /** What was logged of signing in and of factors. */
    told: () => server.logLines.filter(({ event }) => /^(sign_in|factor)/.test(String(event))),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

export type FactorFixtures = Awaited<ReturnType<typeof startFactors>>;
export type Someone = ReturnType<FactorFixtures['someone']>;

async function approve(browser: PlainBrowser, client: RelyingParty, verifier: string, at: LoadedPage) {
  const consent = at.html.includes('/consent"') ? at : await browser.open(`${at.url.pathname}?organization=acme`);
  const { url } = await browser.submit(consent, '/consent');
  const { body } = await client.exchange(url, verifier);
  return { access: decodeJwt(body.access_token ?? ''), id: decodeJwt(String(body.id_token)) };
}
