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
const megabytes = 4;

/** Sends chunks until the connection is cut; resolves with the answer and with how much could be sent. */
function sendsWithoutEnd(path: string, headers: readonly string[]): Promise<{ answer: string; sent: number }> {
  const { port } = new URL(server.origin);
  const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    let sent = 0;
    const finish = () => resolve({ answer, sent });
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.once('error', finish).once('close', finish);
    const lines = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Transfer-Encoding: chunked', ...headers, '', ''];
    const send = () => {
      if (socket.destroyed || sent > megabytes * 2 ** 20) return socket.destroy();
      sent += 0x10000;
      socket.write(chunk, () => setTimeout(send, 1));
    };
    socket.write(lines.join('\r\n'), send);
  });
}

it.each(['/mcp/oauth/token', '/mcp/oauth/revoke', '/mcp/oauth/introspect'])(
  'behind a Basic header is cut at its limit, at %s',
  async (path) => {
    const form = 'Content-Type: application/x-www-form-urlencoded';
    const { answer, sent } = await sendsWithoutEnd(path, [form, `Authorization: ${basic}`]);

    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^connection: close/im);
    expect(answer).toContain('"error":"invalid_request"');
    expect(sent).toBeLessThan(megabytes * 2 ** 20);
    expect((await registerClient(server.issuer)).clientId).toMatch(/^dyn-/);
  },
);
