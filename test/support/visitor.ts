import { createPlainBrowser, type PlainBrowser, type Rest } from './browser-without-a-screen.ts';
import { type RelyingParty, registerClient } from './relying-party.ts';
import type { TestServer } from './server.ts';

export const password = 'demo-password';

export interface Reached {
  readonly browser: PlainBrowser;
  readonly page: Rest;
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

export async function createVisitor(server: TestServer) {
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
    /** Signs in, unless the browser has a session. */
    reachesOrganizations,
    reachesNoOrganization: () => reachesOrganizations({ email: 'new@example.com' }),
    async reachesConsent({ organization = 'acme', ...way }: Way & { organization?: string } = {}) {
      const reached = await reachesOrganizations(way);
      if (reached.page.html.includes('/consent"')) return reached;
      const page = await reached.browser.open(`${reached.page.url.pathname}?organization=${organization}`);
      return { ...reached, page };
    },
  };
}

/** Somebody who goes as far as a page of the flow and stops there. */
export type Visitor = Awaited<ReturnType<typeof createVisitor>>;
