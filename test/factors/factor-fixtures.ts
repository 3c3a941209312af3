import { decodeJwt } from 'jose';
import { TOTP } from 'otpauth';
import type { Clock } from '../../src/clock.ts';
import { createPlainBrowser, type PlainBrowser, type Rest } from '../support/browser-without-a-screen.ts';
import { createTestClock } from '../support/clock.ts';
import { changedPolicy } from '../support/policy.ts';
import { type RelyingParty, registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createAuthenticator } from './authenticator.ts';

export const password = 'demo-password';
export const account = '/mcp/oauth/account';
export const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';

/** What a token says of a password and a code of an app. */
export const withCode = { amr: ['pwd', 'otp', 'mfa'], acr: multiFactor };

/** Somebody in front of a browser, with a phone that shows codes and a key for passkeys. */
export interface Someone {
  readonly email: string;
  readonly browser: PlainBrowser;
  readonly key: ReturnType<typeof createAuthenticator>;
  readonly phone: { secret: string };
  readonly codes: string[];
  /** To the sign-in page of a tool. */
  arrives(request?: Record<string, string | undefined>, client?: RelyingParty): Promise<Flow>;
  types(page: Rest, given?: string): Promise<Rest>;
  code(): string;
  /** Scans the picture of a page, and sends the code. */
  scans(page: Rest, fields?: Record<string, string>): Promise<Rest>;
  shows(page: Rest, fields?: Record<string, string>): Promise<Rest>;
  /** Lets the key answer what the page asks the browser for. */
  touches(page: Rest, lies?: Parameters<Someone['key']['get']>[1], fields?: Record<string, string>): Promise<Rest>;
  /** Signs in to the account's pages. */
  signsIn(): Promise<Rest>;
  /** From the account's pages; the browser is signed in then. */
  addsApp(): Promise<Rest>;
  addsPasskey(): Promise<Rest>;
}

export interface Flow {
  readonly client: RelyingParty;
  readonly verifier: string;
  readonly page: Rest;
  /** Goes on to the consent for Acme, approves; the claims of the access token and of the ID token. */
  approves(page: Rest): Promise<{ access: Record<string, unknown>; id: Record<string, unknown> }>;
}

export interface FactorFixtures extends AsyncDisposable {
  readonly server: TestServer;
  readonly clock: Clock;
  readonly pass: (seconds: number) => void;
  /** With an account of the demonstration, in a browser of their own. */
  someone(email?: string): Someone;
  /** What was logged of signing in and of factors. */
  told(): Record<string, unknown>[];
}

export const headingOf = ({ html }: Rest) =>
  /<h1[^>]*>(.*?)<\/h1>/s
    .exec(html)?.[1]
    ?.replaceAll(/<[^>]*>/g, '')
    .trim();
export const errorOf = ({ html }: Rest) =>
  /id="form-error".*?<bdi>(.*?)<\/bdi>/s.exec(html)?.[1]?.replaceAll(/\s+/g, ' ');
/** Where the page goes on to when the codes were kept. */
export const onwardsOf = ({ html }: Rest) =>
  (/class="button primary" href="([^"]*)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&');
export const recoveryCodesOf = ({ html }: Rest) =>
  [...html.matchAll(/<li><code>([^<]*)<\/code>/g)].map(([, code = '']) => code);
export const requestOf = ({ html }: Rest) =>
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
): Promise<FactorFixtures> {
  using policy = changedPolicy({ signIn: { tokenClaims: ['amr', 'acr', 'auth_time'], ...signIn } });
  const { clock, pass } = createTestClock();
  // Behind the machine's, by which oidc-provider judges `max_age`: every sign-in is older than any that a tool asks for.
  pass(-24 * 60 * 60);
  const server = await startServer({ env: { ...policy.env, ...env }, parts: { clock }, ...(issuer && { issuer }) });
  const { origin } = new URL(server.issuer);

  function someone(email = 'demo@example.com'): Someone {
    const browser = createPlainBrowser(origin);
    const key = createAuthenticator(origin);
    const phone = { secret: '' };
    const codes: string[] = [];
    const keep = (page: Rest) => {
      codes.push(...recoveryCodesOf(page));
      return page;
    };
    const self: Someone = {
      email,
      browser,
      key,
      phone,
      codes,
      async arrives(request, known) {
        const client = known ?? (await registerClient(server.issuer));
        const { url, verifier } = client.authorizationRequest({ scope: 'openid project:read', ...request });
        const page = await browser.open(url.href);
        return { client, verifier, page, approves: (at) => approve(browser, client, verifier, at) };
      },
      types: (page, given = password) => browser.submit(page, '/sign-in', { email, password: given }),
      code: () => new TOTP({ secret: phone.secret }).generate({ timestamp: clock.now() }),
      async scans(page, fields = {}) {
        phone.secret = (/class="secret"><bdi>([^<]*)</.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
        const action = page.html.includes('/factor"') || page.html.includes('/factor?') ? '/factor' : '/security/app';
        const rest = keep(await browser.submit(page, action, { code: self.code(), ...fields }));
        pass(30);
        return rest;
      },
      async shows(page, fields = {}) {
        const rest = await browser.submit(page, '/factor', { code: self.code(), ...fields });
        pass(30);
        return rest;
      },
      async touches(page, lies, fields = {}) {
        const { kind, options } = requestOf(page);
        const credential = key[kind as 'get' | 'create'](JSON.stringify(options), lies);
        const action = page.html.includes('/security/new-passkey"') ? '/new-passkey' : '/factor';
        return keep(await browser.submit(page, action, { credential, ...fields }));
      },
      async signsIn() {
        const page = await browser.open(`${account}/sign-in`);
        return browser.submit(page, '/sign-in', { email, password });
      },
      async addsApp() {
        await self.signsIn();
        return self.scans(await browser.open(`${account}/security/app`));
      },
      async addsPasskey() {
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
    someone,
    told: () => server.logLines.filter(({ event }) => /^(sign_in|factor)/.test(String(event))),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function approve(browser: PlainBrowser, client: RelyingParty, verifier: string, at: Rest) {
  const consent = at.html.includes('/consent"') ? at : await browser.open(`${at.url.pathname}?organization=acme`);
  const { url } = await browser.submit(consent, '/consent');
  const { body } = await client.exchange(url, verifier);
  return { access: decodeJwt(body.access_token ?? ''), id: decodeJwt(String(body.id_token)) };
}
