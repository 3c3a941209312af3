import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** One address for several servers. It hands a request on once, to one of them, and never tries another. */
export interface Balancer extends AsyncDisposable {
  readonly origin: string;
  /** Everything that was asked through it, in the order of the answers. */
  readonly answers: readonly Answer[];
  isReady(node: number): boolean;
  /** From now on this one answers, ready or not. */
  turnTo(node: number): void;
}

export interface Answer {
  readonly what: string;
  readonly node: number;
  /** Undefined: the server was gone before it had answered. */
  readonly status: number | undefined;
  readonly ms: number;
}

export interface BalancerOptions {
  /** Whether it sends requests only to those whose `/readyz` is 200, as a balancer should. */
  readonly asksReadiness?: boolean;
  /** Between two looks at `/readyz`. */
  readonly everyMs?: number;
}

export async function createBalancer(ports: readonly number[], options: BalancerOptions = {}): Promise<Balancer> {
  const { asksReadiness = true, everyMs = 100 } = options;
  const agent = new Agent({ keepAlive: true });
  const ready = new Set<number>();
  const answers: Answer[] = [];
  const stopped = new AbortController();
  let turn = 0;
  let told: number | undefined;

  const look = async (node: number): Promise<void> => {
    while (!stopped.signal.aborted) {
      if (await answersReady(ports[node] ?? 0)) ready.add(node);
      else ready.delete(node);
      await delay(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };

  const choose = (): number => {
    if (told !== undefined) return told;
    turn += 1;
    const nodes = [...ports.keys()].filter((node) => !asksReadiness || ready.has(node));
    // Where nobody is ready, somebody must say so.
    return nodes[turn % nodes.length] ?? turn % ports.length;
  };

  const handOn = (near: IncomingMessage, answer: ServerResponse): void => {
    const node = choose();
    const begun = performance.now();
    const note = (status: number | undefined) =>
      answers.push({ what: `${near.method} ${near.url}`, node, status, ms: performance.now() - begun });
    const { method, headers } = near;
    const far = request({ host: '127.0.0.1', port: ports[node], agent, method, path: near.url, headers });
    far.once('response', (response) => {
      const { connection: _hopByHop, ...kept } = response.headers;
      answer.writeHead(response.statusCode ?? 502, kept);
      response.pipe(answer);
      response.once('end', () => note(response.statusCode));
      response.once('error', () => {
        note(undefined);
        answer.destroy();
      });
    });
    far.on('error', () => {
      if (answer.headersSent) return;
      note(undefined);
      answer.writeHead(502, { 'Content-Length': 0 }).end();
    });
    near.pipe(far);
  };

  const http = createServer(handOn).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const looking = Promise.all(ports.keys().map(look));
  const { port } = http.address() as AddressInfo;
  return {
    origin: `http://localhost:${port}`,
    answers,
    isReady: (node) => ready.has(node),
    turnTo(node) {
      told = node;
    },
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await looking;
      http.closeAllConnections();
      http.close();
      agent.destroy();
    },
  };
}

/** On a connection of its own, as balancers look. */
function answersReady(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const options = { host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: 2000 };
  const asked = request(options, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  asked.once('timeout', () => asked.destroy());
  asked.once('error', () => resolve(false));
  asked.end();
  return promise;
}
