import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { untilListening } from '../support/eventually.ts';
import { createPerson } from '../support/person.ts';
import { findPython } from '../support/python.ts';
import { freePort } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const python = findPython();
/** Of an access token, in seconds. */
const lifetime = 5;
const describeWithPython = python ? describe : describe.skip;

interface PythonClient extends AsyncDisposable {
  /** Where it has sent its person so far. */
  readonly visits: readonly URL[];
  call(name: string, input?: object): Promise<Record<string, unknown>>;
}

type Said = { visit?: string; connected?: true; result?: Record<string, unknown> };

async function startClient(library: string, url: string, { origin }: TestServer): Promise<PythonClient> {
  if (!python) throw new Error('there is no Python');
  const program = ['test/interop/python-client.py', library, url, String(await freePort())];
  const child = spawn(python.command, program, { env: python.env });
  const ended = once(child, 'close');
  const person = createPerson(origin);
  const visits: URL[] = [];
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function goToBrowser(visit: URL): Promise<void> {
    visits.push(visit);
    const callback = await person.approves(visit);
    if (library === 'mcp') return void child.stdin.write(`${callback.href}\n`);
    // FastMCP listens only after it has opened the browser, in which a person takes their time.
    await untilListening(callback);
    await fetch(callback);
  }

  async function next(): Promise<Said> {
    const { value, done } = await lines.next();
    if (done) throw new Error(await complaintsOf(child));
    const said: Said = JSON.parse(value);
    if (!said.visit) return said;
    await goToBrowser(new URL(said.visit));
    return next();
  }

  const connected = next();
  return {
    visits,
    async call(name, input = {}) {
      await connected;
      child.stdin.write(`${JSON.stringify({ name, arguments: input })}\n`);
      return (await next()).result ?? {};
    },
    async [Symbol.asyncDispose]() {
      // One that waits for a callback which does not come would wait for five minutes.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function complaintsOf({ stderr }: ChildProcessWithoutNullStreams): Promise<string> {
  return Buffer.concat(await stderr.toArray()).toString();
}

describeWithPython.each([
  ['the MCP Python SDK', 'mcp'],
  ['FastMCP', 'fastmcp'],
])('%s (needs Python with mcp, fastmcp and pyjwt)', (_name, library) => {
  const server = shared(async () => {
    // Python has a clock of its own: what is to be renewed must end soon.
    return await startServer({
      policy: { lifetimes: { accessToken: lifetime, refreshGrace: 1 } },
      demonstration: true,
    });
  });

  it.each(['', '/?read_only=true'])(
    'connects to the URL with %j behind it, renews, and asks for one more permission (R93)',
    async (tail) => {
      await using client = await startClient(library, server.issuer + tail, server);
      const first = await client.call('whoami');
      expect(first).toMatchObject({ organization: { slug: 'acme' }, connection: expect.any(String) });
      // It renews what is over by its own clock; a 401 would send its person to the browser.
      await delay((lifetime + 1) * 1000);
      expect(await client.call('whoami')).toEqual(first);
      const renewed = server.logLines.filter(
        ({ event, grantType }) => event === 'grant' && grantType === 'refresh_token',
      );
      expect(renewed.map(({ connection }) => connection)).toContain(first.connection);
      expect(client.visits).toHaveLength(1);
      expect(client.visits[0]?.searchParams.get('resource')).toBe(server.issuer + tail);

      expect(await client.call('create_project', { name: 'Shop' })).toMatchObject({ project: { name: 'Shop' } });
      expect(client.visits).toHaveLength(2);
    },
  );
});
