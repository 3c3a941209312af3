import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RelyingParty, registerClient, type TokenAnswer } from './relying-party.ts';

/** A registered tool that really listens at its redirect URI, as those on a person's computer do. */
export interface ListeningTool {
  readonly client: RelyingParty;
  readonly redirectUri: string;
  /** A page of its own. */
  readonly home: string;
  /** Every visit of a browser, in order. */
  readonly arrivals: readonly URL[];
  connects(request?: Record<string, string | undefined>): Attempt;
  close(): void;
}

/** One authorization that the tool began. */
export interface Attempt {
  /** What the tool opens in the browser. */
  readonly url: string;
  /** The answer, once the browser brought it; fails when it never does. */
  arrival(): Promise<URL>;
  receivesTokens(): Promise<TokenAnswer>;
}

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
): Promise<ListeningTool> {
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
  const client = await registerClient(issuer, {
    client_name: 'Claude Code',
    redirect_uris: [redirectUri],
    ...metadata,
  });

  return {
    client,
    redirectUri,
    home: new URL('/', redirectUri).href,
    arrivals,
    connects(request) {
      const { url, verifier, state } = client.authorizationRequest(request);
      const arrival = async (): Promise<URL> => {
        const arrived = arrivals.find(({ searchParams }) => searchParams.get('state') === state);
        return arrived ?? (await once(visitors, state, { signal: AbortSignal.timeout(60_000) }))[0];
      };
      return {
        url: url.href,
        arrival,
        receivesTokens: async () => client.exchange(await arrival(), verifier),
      };
    },
    close() {
      listener.closeAllConnections();
      listener.close();
    },
  };
}
