import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { untilListening } from '../support/eventually.ts';
import { listening } from '../support/listening.ts';
import { type Actions, createPerson } from '../support/person.ts';
import { temporaryFolder } from '../support/process.ts';

/** A computer with a home of its own and a person in front of it, for clients that are programs. */
export interface Workstation extends AsyncDisposable {
  /** What programs are started with. */
  readonly env: Record<string, string>;
  /** Where programs have sent the person so far. */
  readonly visits: readonly URL[];
  /** Rejects when the person gets stuck, or the program does not listen where it said; resolves never. */
  readonly mishap: Promise<never>;
  /** A browser for programs that only print the URL. */
  open(url: URL): Promise<void>;
}

const opener = fileURLToPath(new URL('open-in-browser.ts', import.meta.url));

/** The browser arrives at the redirect URI when the program listens there, and no sooner than `listens` resolves. */
export async function setUpWorkstation(
  origin: string,
  actions: Actions = {},
  listens = async () => {},
): Promise<Workstation> {
  const home = await temporaryFolder();
  const person = createPerson(origin, actions);
  const visits: URL[] = [];
  const { promise: mishap, reject } = Promise.withResolvers<never>();
  mishap.catch(() => undefined); // Whoever waits for a program waits for this, too.

  async function open(url: URL): Promise<void> {
    visits.push(url);
    const callback = await person.approves(url);
    await Promise.all([listens(), untilListening(callback)]);
    const answer = await fetch(callback);
    if (!answer.ok && callback.searchParams.has('code'))
      throw new Error(`the program answers ${answer.status} to its callback:\n${await answer.text()}`);
    await answer.body?.cancel();
  }

  const browser = await listening(async (request, response) => {
    const body = await text(request);
    response.end(); // A command that opens a browser does not wait for what is done there.
    await open(new URL(body)).catch(reject);
  });

  return {
    visits,
    mishap,
    open,
    env: {
      PATH: String(process.env.PATH),
      HOME: home.path,
      NO_COLOR: '1',
      // `xdg-open`, which the package `open` brings along, asks for it before it looks for browsers.
      BROWSER: `${process.execPath} --disable-warning=ExperimentalWarning ${opener}`,
      WORKSTATION: browser.origin,
    },
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}
