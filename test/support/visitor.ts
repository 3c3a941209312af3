import { createPlainBrowser, type LoadedPage, type PlainBrowser } from './browser-without-a-screen.ts';
import { type RelyingParty, registerClient } from './relying-party.ts';
import type { TestServer } from './server.ts';

export const password = 'demo-password';

export interface Reached {
  readonly browser: PlainBrowser;
  readonly page: LoadedPage;
  readonly client: RelyingParty;
  readonly verifier: string;
  readonly state: string;
}

interface Way {
  readonly client?: RelyingParty;
  readonly browser?: PlainBrowser;
  readonly request?: Record<string, string | undefined>;
  readonly email?: string;
}

/** Somebody who goes as far as a page of the flow and stops there. */
export interface Visitor {
  reachesSignIn(way?: Way): Promise<Reached>;
  /** Signs in, unless the browser has a session. */
  reachesOrganizations(way?: Way): Promise<Reached>;
  reachesNoOrganization(): Promise<Reached>;
  reachesConsent(way?: Way & { organization?: string }): Promise<Reached>;
  /** Approves for Acme; what it came by, to the page that leads to the tool. */
  goesThrough(way?: Way): Promise<WentThrough>;
}

interface WentThrough extends Omit<Reached, 'page'> {
  readonly pages: Record<'signIn' | 'organizations' | 'consent' | 'last', LoadedPage>;
  readonly callback: URL;
}

export async function createVisitor(server: TestServer): Promise<Visitor> {
  async function reachesSignIn(way: Way = {}): Promise<Reached> {
    // A client that has a connection is led to what that is for.
    const { client = await registerClient(server.issuer), browser = createPlainBrowser(server.origin), request } = way;
    const { url, verifier, state } = client.authorizationRequest(request);
    return { browser, client, verifier, state, page: await browser.open(url.href) };
  }

  async function reachesOrganizations(way: Way = {}): Promise<Reached> {
    const reached = await reachesSignIn(way);
    if (!reached.page.html.includes('/sign-in"')) return reached;
    const credentials = { email: way.email ?? 'demo@example.com', password };
    return { ...reached, page: await reached.browser.submit(reached.page, '/sign-in', credentials) };
  }

  return {
    reachesSignIn,
    reachesOrganizations,
    reachesNoOrganization: () => reachesOrganizations({ email: 'new@example.com' }),
    async reachesConsent({ organization = 'acme', ...way } = {}) {
      const reached = await reachesOrganizations(way);
      if (reached.page.html.includes('/consent"')) return reached;
      const page = await reached.browser.open(`${reached.page.url.pathname}?organization=${organization}`);
      return { ...reached, page };
    },
    async goesThrough(way) {
      const { page: signIn, ...run } = await reachesSignIn(way);
      const organizations = await run.browser.submit(signIn, '/sign-in', { email: 'demo@example.com', password });
      const consent = await run.browser.open(`${organizations.url.pathname}?organization=acme`);
      const { url: callback, sentBy } = await run.browser.submit(consent, '/consent');
      return { ...run, callback, pages: { signIn, organizations, consent, last: sentBy as LoadedPage } };
    },
  };
}
