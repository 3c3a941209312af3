import { createPlainBrowser, type LoadedPage, type PlainBrowser } from './browser-without-a-screen.ts';

export interface Actions {
  readonly email?: string;
  readonly password?: string;
  /** The slug to choose, where there is a choice. */
  readonly organization?: string;
  /** What stays ticked; everything unless told. */
  readonly scopes?: readonly string[];
  readonly declines?: boolean;
  /** Where they sign in, when that is elsewhere. */
  readonly console?: string;
}

export function createPerson(origin: string, who: Actions = {}) {
  const browser = createPlainBrowser(origin);
  return {
    browser,
    /** Opens an authorization URL and goes on until the browser is sent back to the client; returns where it was sent. */
    async approves(authorizationUrl: string | URL, actions: Actions = {}) {
      const wishes = { email: 'demo@example.com', password: 'demo-password', organization: 'acme', ...who, ...actions };
      let rest = await browser.open(String(authorizationUrl));
      for (let page = 0; [origin, wishes.console].includes(rest.url.origin); page += 1) {
        if (page > 5 || rest.status >= 400) throw new Error(`stuck on ${rest.url} (${rest.status}):\n${rest.html}`);
        rest =
          rest.url.origin === origin
            ? await goOn(browser, rest, wishes)
            : await browser.open(await signInAt(rest.url, wishes));
      }
      return rest.url;
    },
  };
}

/** Somebody who goes through the pages and does what they came for. */
export type Person = ReturnType<typeof createPerson>;

/** Where the console sends them. */
async function signInAt({ origin, href }: URL, { email, password }: Wishes): Promise<string> {
  const browser = createPlainBrowser(origin);
  return (await browser.submit(await browser.open(href), '/sign-in', { email, password }, { origin })).url.href;
}

type Wishes = Required<Pick<Actions, 'email' | 'password' | 'organization'>> & Actions;

function goOn(browser: PlainBrowser, rest: LoadedPage, wishes: Wishes) {
  const { html } = rest;
  if (wishes.declines) return browser.submit(rest, '/decline');
  if (html.includes('/sign-in"'))
    return browser.submit(rest, '/sign-in', { email: wishes.email, password: wishes.password });
  if (html.includes('/consent"'))
    return browser.submit(rest, '/consent', wishes.scopes ? { scope: wishes.scopes } : {});
  const url = new URL(rest.url);
  url.searchParams.set('organization', wishes.organization);
  return browser.open(url.href);
}
