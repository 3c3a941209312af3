import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { watchStore } from '../support/attacked.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** A request that never ends, by somebody who needs no account: what is read of it is bounded (of no chapter: denial of service). */
const store = shared(watchStore);
const server = shared(() => startServer({ env: store.env }));

const basic = `Basic ${Buffer.from('somebody:secret').toString('base64')}`;
const chunkBytes = 4096;
/** One more than are read. What is sent after that may reset the connection before the answer has arrived. */
const chunks = (56 * 1024) / chunkBytes + 1;

/** Sends a body that never ends; resolves when the connection is cut, with what was answered. */
function sendsWithoutEnd(path: string, headers: readonly string[]): Promise<string> {
  const { port } = new URL(server.origin);
  const lines = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Transfer-Encoding: chunked', ...headers, '', ''];
  const chunk = `${chunkBytes.toString(16)}\r\n${'a'.repeat(chunkBytes)}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.once('error', reject).once('close', () => resolve(answer));
    socket.write(`${lines.join('\r\n')}${chunk.repeat(chunks)}`);
  });
}

it.each(['/mcp/oauth/token', '/mcp/oauth/revoke', '/mcp/oauth/introspect'])(
  'behind a Basic header is cut at its limit, at %s',
  async (path) => {
    const form = 'Content-Type: application/x-www-form-urlencoded';
    const answer = await store.changesNothing(() => sendsWithoutEnd(path, [form, `Authorization: ${basic}`]));

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^connection: close/im);
    expect(answer).toContain('"error":"invalid_request"');
    expect((await registerClient(server.issuer)).clientId).toMatch(/^dyn-/);
  },
);

/** On the one connection that a proxy, or a browser, keeps: the status of the answer. */
function sends(agent: Agent, path: string, headers: Record<string, string> = {}, body?: string): Promise<number> {
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const asked = request(server.origin + path, { agent, method, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.once('error', reject).end(body);
  });
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

it.each([
  ['/mcp/oauth/authorize', form],
  ['/mcp/oauth/account/sign-in', form],
  ['/mcp/oauth/interaction/any/sign-in', form],
  ['/mcp/oauth/token', form],
  ['/mcp/oauth/token', { ...form, Authorization: basic }],
  ['/mcp/oauth/register', { 'Content-Type': 'application/json' }],
  ['/mcp/oauth/nowhere', form],
])('whose rest is not read keeps nobody waiting who asks next, after %s', async (path, headers) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  // Some of them are cut before their answer has arrived.
  const sent = () => sends(agent, path, { ...headers, Origin: server.origin }, `a=${'x'.repeat(200_000)}`);
  const status = await store.changesNothing(() => sent().catch(() => 400));

  expect([400, 401, 404, 413]).toContain(status);
  expect(await sends(agent, '/healthz')).toBe(200);
  agent.destroy();
});
