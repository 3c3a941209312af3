import { type Answer, postForm, send } from './http-client.ts';

/** What a browser does in the flow, and no more: cookies by path, redirects on the server's origin, forms. */
export class Browser {
  readonly #origin: string;
  readonly #cookies = new Map<string, { name: string; value: string; path: string }>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Goes on until the server sends the browser away; answers with where to. */
  async approve(authorizationUrl: string, fields: Record<string, string>): Promise<URL> {
    let arrived = await this.#open(authorizationUrl);
    for (let pages = 0; 'answer' in arrived; pages += 1) {
      const { answer, url } = arrived;
      if (answer.status !== 200 || pages === 3)
        throw new Error(`stuck on ${url}: ${answer.status} ${wordsOf(answer.body)}`);
      const { action, inputs } = findForm(answer.body);
      const wanted = inputs.map(([name, value]): [string, string] => [name, fields[name] ?? value]);
      arrived = await this.#submit(new URL(action, url).href, wanted);
    }
    return arrived.url;
  }

  async #open(url: string): Promise<Arrival> {
    return this.#follow(url, await send(url, { headers: this.#headers(url) }));
  }

  async #submit(url: string, inputs: [string, string][]): Promise<Arrival> {
    return this.#follow(url, await postForm(url, inputs, this.#headers(url)));
  }

  async #follow(url: string, answer: Answer): Promise<Arrival> {
    for (const line of answer.headers('set-cookie')) this.#remember(line);
    const location = answer.header('location');
    if (location === undefined) return this.#leave(url, answer);
    const next = new URL(location, url);
    return next.origin === this.#origin ? this.#open(next.href) : { url: next };
  }

  /** A page that goes on by itself is the last one of ours. */
  #leave(url: string, answer: Answer): Arrival {
    const refresh = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(answer.body)?.[1];
    return refresh === undefined ? { url: new URL(url), answer } : { url: new URL(decode(refresh)) };
  }

  #headers(url: string) {
    const { pathname } = new URL(url);
    const sent = [...this.#cookies.values()].filter(({ path }) => pathname.startsWith(path));
    return {
      Accept: 'text/html',
      Origin: this.#origin,
      Cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; '),
    };
  }

  #remember(line: string) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const path = /; path=([^;]*)/i.exec(line)?.[1] ?? '/';
    if (value === '') this.#cookies.delete(`${name} ${path}`);
    else this.#cookies.set(`${name} ${path}`, { name, value, path });
  }
}

/** A page, or a place outside. */
type Arrival = { url: URL; answer: Answer } | { url: URL };

/** The form that goes on, with what it would send untouched. */
function findForm(html: string): { action: string; inputs: [string, string][] } {
  for (const [, attributes = '', content = ''] of html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)) {
    const action = attribute(attributes, 'action');
    if (action.endsWith('/decline')) continue;
    const inputs = [...content.matchAll(/<input\b([^>]*)>/gs)];
    return { action, inputs: inputs.map(([, input = '']) => [attribute(input, 'name'), attribute(input, 'value')]) };
  }
  throw new Error(`no form on this page: ${wordsOf(html)}`);
}

/** What a person would read. */
function wordsOf(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function attribute(text: string, name: string): string {
  return decode(new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? '');
}

function decode(text: string): string {
  return text.replaceAll('&#39;', "'").replaceAll('&#34;', '"').replaceAll('&amp;', '&');
}
