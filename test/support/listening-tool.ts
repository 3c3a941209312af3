import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registerClient } from './relying-party.ts';

interface Habits {
  readonly host?: string;
  /** Where its callback sends the browser on to. */
  readonly next?: string;
  /** Its callback tells the window that opened it. */
  readonly tellsOpener?: boolean;
}

export async function startTool(
  issuer: string,
  { host = '127.0.0.1', next, tellsOpener = false, ...metadata }: Habits & Record<string, unknown> = {},
) {
  const arrivals: URL[] = [];
  const visitors = new EventEmitter();
  const listener = createServer((request, response) => {
    const url = new URL(request.url ?? '', redirectUri);
    const isCallback = url.pathname === '/callback';
    if (isCallback && next) response.writeHead(302, { Location: next });
    else response.setHeader('Content-Type', 'text/html');
    const script = isCallback && tellsOpener ? "<script>opener.document.title='told by the popup'</script>" : '';
    response.end(`<title>Tool</title><h1>You can close this window</h1>${script}`);
    if (!isCallback) return;
    arrivals.push(url);
    visitors.emit(url.searchParams.get('state') ?? '', url);
  });
  listener.listen(0, host === '[::1]' ? '::1' : '127.0.0.1');
  await once(listener, 'listening');
  const redirectUri = `http://${host}:${(listener.address() as AddressInfo).port}/callback`;
  const own = { client_name: 'Claude Code', redirect_uris: [redirectUri] };
  const client = await registerClient(issuer, { ...own, ...metadata });

  return {
    client,
    redirectUri,
    /** A page of its own. */
    home: new URL('/', redirectUri).href,
    /** Every visit of a browser, in order. */
    arrivals,
    connects(request?: Record<string, string | undefined>) {
      const { url, verifier, state } = client.authorizationRequest(request);
      /** The answer, once the browser brought it; fails when it never does. */
      const arrival = async (): Promise<URL> => {
        const arrived = arrivals.find(({ searchParams }) => searchParams.get('state') === state);
        return arrived ?? (await once(visitors, state, { signal: AbortSignal.timeout(60_000) }))[0];
      };
      return { url: url.href, arrival, receivesTokens: async () => client.exchange(await arrival(), verifier) };
    },
    close() {
      listener.closeAllConnections();
      listener.close();
    },
  };
}

/** A registered tool that really listens at its redirect URI, as those on a person's computer do. */
export type ListeningTool = Awaited<ReturnType<typeof startTool>>;
export type Attempt = ReturnType<ListeningTool['connects']>;
