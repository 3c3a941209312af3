/**
 * What a browser does that matters to the protocol, without a screen: keeps cookies by path, follows redirects on the
 * server's own origin, posts the forms it is shown, goes on from a page that says so. It comes to rest on a page, or where
 * it is sent away to.
 */
export interface PlainBrowser {
  /** Opens a URL and follows redirects until it rests. */
  open(url: string): Promise<LoadedPage>;
  /** Posts the form of the page on which it rests whose action ends so, with or without its query; `fields` replace or add to those of the form. */
  submit(page: LoadedPage, formAction: string, fields?: Fields, headers?: Record<string, string>): Promise<LoadedPage>;
  /** The same, pressed again before a page was there: a browser drops what it has not got yet, and shows the second. */
  submitTwice(page: LoadedPage, formAction: string, fields?: Fields, when?: PressedAgain): Promise<LoadedPage>;
  readonly cookies: ReadonlyMap<string, { value: string; path: string; until?: number }>;
}

/** `on the way`: it has the answer, and not what that leads to; `at the end of the way`: that as well, but for the page. */
type PressedAgain = 'at once' | 'one after the other' | 'on the way' | 'at the end of the way';

type Fields = Record<string, string | readonly string[]>;

export interface LoadedPage {
  /** The page's own URL, or the foreign one the browser was sent to. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** Empty when the browser was sent elsewhere. */
  readonly html: string;
  /** The page that sent it there, if it was a page. */
  readonly sentBy?: LoadedPage;
}

/** What a page is headed with, without its marks. */
export const heading = ({ html }: Pick<LoadedPage, 'html'>) =>
  /<h1>(.*?)<\/h1>/s.exec(html)?.[1]?.replaceAll(/<[^>]*>/g, '');

/** `says`: headers that it sends with everything, as its language. */
export function createPlainBrowser(origin: string, says: Readonly<Record<string, string>> = {}): PlainBrowser {
  const cookies = new Map<string, { value: string; path: string; until?: number }>();

  function remember(response: Response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/; */);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
      const until = Date.parse(attributes.find((each) => /^expires=/i.test(each))?.slice(8) ?? '9999-12-31');
      if (value === '' || until <= Date.now()) cookies.delete(`${name} ${path}`);
      else cookies.set(`${name} ${path}`, { value, path, until });
    }
  }

  function cookieHeader(pathname: string) {
    return [...cookies]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(([key, { value }]) => `${key.split(' ')[0]}=${value}`)
      .join('; ');
  }

  function ask(url: URL, init: RequestInit = {}): Promise<Response> {
    const headers = { Accept: 'text/html', ...says, Cookie: cookieHeader(url.pathname), ...(init.headers as object) };
    return fetch(url, { ...init, headers, redirect: 'manual' });
  }

  async function go(url: URL, init: RequestInit = {}): Promise<LoadedPage> {
    if (url.origin !== origin) return { url, status: 0, headers: new Headers(), html: '' };
    url.hash = '';
    const response = await ask(url, init);
    remember(response);
    const location = response.headers.get('location');
    if (location === null) {
      const page = { url, status: response.status, headers: response.headers, html: await response.text() };
      const next = findRefresh(page.html);
      return next === undefined ? page : { ...(await go(new URL(next, url))), sentBy: page };
    }
    await response.body?.cancel();
    return go(new URL(location, url));
  }

  function fillIn({ url, html }: LoadedPage, formAction: string, fields: Fields): [URL, RequestInit] {
    const { action, inputs } = findForm(html, formAction);
    const body = new URLSearchParams(inputs.filter(([name]) => !(name in fields)));
    for (const [name, value] of Object.entries(fields)) for (const each of [value].flat()) body.append(name, each);
    return [new URL(action, url), { method: 'POST', body }];
  }

  return {
    cookies,
    open: (url) => go(new URL(url, origin)),
    submit(page, formAction, fields = {}, headers = {}) {
      const [url, form] = fillIn(page, formAction, fields);
      return go(url, { ...form, headers });
    },
    async submitTwice(page, formAction, fields = {}, when = 'one after the other') {
      const [url, form] = fillIn(page, formAction, fields);
      const dropped = (async () => {
        const first = await ask(url, form);
        if (!when.endsWith('way')) return;
        remember(first);
        const next = await ask(new URL(first.headers.get('location') ?? '', url));
        if (when === 'at the end of the way') remember(next);
      })();
      if (when !== 'at once') await dropped;
      const shown = await go(url, form);
      await dropped;
      return shown;
    },
  };
}

/** Where a page goes on to by itself. */
function findRefresh(html: string): string | undefined {
  const content = attribute(/<meta http-equiv="refresh"[^>]*>/.exec(html)?.[0] ?? '', 'content');
  return content === undefined ? undefined : /^0;url=(.*)$/s.exec(content)?.[1];
}

/** The fields as a browser would send them: hidden and text inputs, and boxes that are ticked. */
function findForm(html: string, formAction: string): { action: string; inputs: [string, string][] } {
  for (const [, attributes = '', content = ''] of html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const action = attribute(attributes, 'action') ?? '';
    if (!action.endsWith(formAction) && !action.split('?', 1)[0]?.endsWith(formAction)) continue;
    const inputs = [...content.matchAll(/<input\b([^>]*)>/gs)].flatMap(([, input = '']): [string, string][] => {
      const unticked = attribute(input, 'type') === 'checkbox' && !/\schecked\b/.test(input);
      return unticked ? [] : [[attribute(input, 'name') ?? '', attribute(input, 'value') ?? '']];
    });
    return { action, inputs };
  }
  throw new Error(`no form for "${formAction}" on this page:\n${html}`);
}

function attribute(text: string, name: string) {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];
  return value
    ?.replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
