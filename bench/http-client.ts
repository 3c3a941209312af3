import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  header(name: string): string | undefined;
  headers(name: string): string[];
  readonly body: string;
}

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Node's servers wait for five seconds. */
const freshMs = 1000;

/**
 * The plainest client there is: the generator shares the machine with what it measures, and what it costs hides what is
 * measured. Knows only what our subjects say: HTTP/1.1, connections that are kept, bodies with a length.
 */
class Connection {
  readonly #socket: Socket;
  #received = '';
  #asked: Asked | undefined;
  #usedAt = performance.now();

  constructor({ hostname, port }: URL) {
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /** A server closes a connection that nobody uses for some seconds, perhaps at the moment at which it is used again. */
  get isFresh(): boolean {
    return this.#socket.writable && performance.now() - this.#usedAt < freshMs;
  }

  ask(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#received += chunk;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const length = Number(headersOf(head, 'content-length')[0] ?? (head.startsWith('HTTP/1.1 204') ? 0 : Number.NaN));
    const body = this.#received.slice(end + 4);
    if (Number.isNaN(length)) this.#fail(new Error(`an answer without a length:\n${head}`));
    if (!(body.length >= length)) return;
    const { resolve } = this.#asked as Asked;
    this.#asked = undefined;
    this.#received = '';
    this.#usedAt = performance.now();
    resolve({
      status: Number(head.slice(9, 12)),
      header: (name) => headersOf(head, name)[0],
      headers: (name) => headersOf(head, name),
      body: Buffer.from(body, 'latin1').toString('utf8'),
    });
  }

  #fail(error: Error): void {
    this.#asked?.reject(error);
    this.#asked = undefined;
  }
}

function headersOf(head: string, name: string): string[] {
  return [...head.matchAll(new RegExp(`^${name}: *(.*)$`, 'gim'))].map(([, value = '']) => value.trim());
}

/** Those that wait for a request, by origin. */
const idle = new Map<string, Connection[]>();

function takeFresh(waiting: Connection[]): Connection | undefined {
  const kept = waiting.pop();
  if (kept?.isFresh) return kept;
  kept?.close();
  return undefined;
}

export async function send(
  url: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const target = new URL(url);
  const { origin, host, pathname, search } = target;
  const waiting = idle.get(origin) ?? [];
  idle.set(origin, waiting);
  const connection = takeFresh(waiting) ?? new Connection(target);
  const lines = Object.entries({ Host: host, 'Content-Length': String(Buffer.byteLength(body)), ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const answer = await connection.ask(`${method} ${pathname}${search} HTTP/1.1\r\n${head}\r\n${body}`);
  waiting.push(connection);
  return answer;
}

export function postForm(
  url: string,
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
) {
  const body = new URLSearchParams(fields).toString();
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return send(url, { method: 'POST', headers: { ...type, ...headers }, body });
}

export function closeConnections(): void {
  for (const connection of [...idle.values()].flat()) connection.close();
  idle.clear();
}
