import { createServer, type ServerResponse } from 'node:http';
import { expect, it } from '@jest/globals';
import { followRevocations } from '../../src/gateway/index.ts';
import { eventually } from '../support/eventually.ts';
import { close } from './issuer.ts';

it('a feed that falls silent is cut and taken up again, although its connection stands', async () => {
  const asked: (string | undefined)[] = [];
  const answer = (res: ServerResponse, event: string) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(event);
  };
  const server = createServer((req, res) => {
    asked.push(req.headers['last-event-id'] as string | undefined);
    const entry = JSON.stringify({ kind: 'token', id: `token-${asked.length}`, at: 1, until: 9_999_999_999 });
    answer(res, `id: ${asked.length}-0\nevent: revoked\ndata: ${entry}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const credentials = { clientId: 'the-gateway', clientSecret: 'a secret' };
  const errors: string[] = [];
  const revocations = followRevocations({
    issuer: `http://127.0.0.1:${port}`,
    ...credentials,
    maxStaleness: 10,
    onError: ({ message }) => errors.push(message),
  });

  await eventually(() => asked.length === 2);

  expect(asked).toEqual([undefined, '1-0']);
  expect(errors).toEqual(['The feed of revocations was cut: it fell silent']);
  await eventually(() => revocations.stats().entries === 2);
  // Nobody ever said that nothing is missing.
  expect(revocations.stats().isStale).toBe(true);
  revocations.close();
  await close(server);
});
