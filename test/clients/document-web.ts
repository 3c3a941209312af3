import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, buildConnector } from 'undici';
import type { Network } from '../../src/clients/document-request.ts';

export interface WebAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A piece of the web: a real https server that answers for the hosts its certificate names. */
export interface DocumentWeb extends AsyncDisposable {
  /** The machine's network, but names are resolved here, and every address leads to this server. */
  readonly network: Network;
  readonly port: number;
  /** To be believed by whoever comes here another way. */
  readonly certificate: Buffer;
  /** What a URL answers from now on. */
  serve(url: string, answer: WebAnswer | ((response: ServerResponse) => void)): void;
  serveJson(url: string, content: object, headers?: Readonly<Record<string, string>>): void;
  /** What a name resolves to, one list a question; the last stays. */
  resolves(host: string, ...lists: readonly (readonly string[])[]): void;
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
  /** The names that were asked for. */
  readonly resolved: string[];
  /** The hosts that connections were begun to. */
  readonly begun: string[];
  /** The addresses that connections were opened to. */
  readonly connected: string[];
  close(): Promise<void>;
}

/** A public address; nothing is sent there. */
export const publicAddress = '93.184.215.14';

/** Each the host of a domain of its own. */
export const strangers: readonly string[] = Array.from({ length: 8 }, (_, index) => `stranger${index}.test`);

const known = ['tool.example.com', 'claude.ai', 'chatgpt.com', 'vscode.dev', 'zed.dev', 'opencode.ai', 'v0.app'];
const hosts = [...known, ...strangers];

export async function startWeb(): Promise<DocumentWeb> {
  const { key, cert } = await createCertificate(hosts);
  const answers = new Map<string, WebAnswer | ((response: ServerResponse) => void)>();
  const names = new Map<string, readonly (readonly string[])[]>();
  const requests: DocumentWeb['requests'] = [];
  const resolved: string[] = [];
  const begun: string[] = [];
  const connected: string[] = [];

  const server = createServer({ key, cert }, (request, response) => {
    const url = `https://${request.headers.host}${request.url}`;
    requests.push({ url, headers: request.headers });
    const answer = answers.get(url) ?? { status: 404 };
    if (typeof answer === 'function') return answer(response);
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const network: Network = {
    async resolve(host) {
      resolved.push(host);
      const [next = [publicAddress], ...others] = names.get(host) ?? [];
      if (others.length > 0) names.set(host, others);
      return next;
    },
    createAgent(options) {
      const lookup = redirect(options.connect.lookup);
      const connect = buildConnector({ ...options.connect, ca: cert, lookup });
      return new Agent({
        ...options,
        connect(to, callback) {
          begun.push(to.hostname);
          connect({ ...to, port: String(port) }, callback);
        },
      });
    },
  };

  /** Asks for the addresses like any connection, and then goes to the server. */
  function redirect(guarded: LookupFunction): LookupFunction {
    return (host, options, callback) =>
      guarded(host, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, '');
        connected.push(...[found].flat().map((each) => (typeof each === 'string' ? each : each.address)));
        return options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4);
      });
  }

  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    network,
    port,
    certificate: cert,
    requests,
    resolved,
    begun,
    connected,
    serve: (url, answer) => void answers.set(url, answer),
    serveJson: (url, content, headers = {}) =>
      void answers.set(url, {
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(content),
      }),
    resolves: (host, ...lists) => void names.set(host, lists),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** node:crypto cannot sign certificates; openssl is there wherever Redis and Chromium are. */
async function createCertificate(names: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const alternatives = names.map((name) => `DNS:${name}`).join(',');
  try {
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=a test', '-addext', `subjectAltName=${alternatives}`, '-keyout', key, '-out', cert],
    ]);
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
