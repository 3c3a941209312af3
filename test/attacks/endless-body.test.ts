import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** A request that never ends, by somebody who needs no account: what is read of it is bounded. */
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

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
    const answer = await sendsWithoutEnd(path, [form, `Authorization: ${basic}`]);

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^connection: close/im);
    expect(answer).toContain('"error":"invalid_request"');
    expect((await registerClient(server.issuer)).clientId).toMatch(/^dyn-/);
  },
);
