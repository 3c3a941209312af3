import { describe, expect, it } from '@jest/globals';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** Each of these fails when what stands in front of the provider's routes changes places. */
describe('what stands in front of the routes', () => {
  const server = shared(startServer);
  const linesOf = (reference: unknown) => server.logLines.filter((line) => line.reference === reference);
  const post = (path: string, headers: Record<string, string>) =>
    fetch(server.origin + path, { method: 'POST', headers, body: new URLSearchParams() });

  it('makes a page of what an endpoint threw, and the log has its reference', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', Accept: 'text/html' };
    const answer = await post('/mcp/oauth/interaction/x/consent', headers);
    const reference = answer.headers.get('x-reference');
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining(`<bdi>${reference}</bdi>`)]);
    expect(linesOf(reference)).toEqual([expect.objectContaining({ event: 'request.refused', status: 403 })]);
  });

  it('tells the log what the error page made of an answer that had no body', async () => {
    const answer = await fetch(`${server.origin}/mcp/oauth/token`);
    const { error, reference } = (await answer.json()) as Record<string, unknown>;
    expect([answer.status, error, answer.headers.get('x-reference')]).toEqual([405, 'invalid_request', reference]);
    expect(linesOf(reference)).toEqual([expect.objectContaining({ status: 405, detail: 'token: invalid_request' })]);
  });

  it('reports a stranger that forwards, also where an endpoint throws', async () => {
    await post('/mcp/oauth/interaction/x/consent', { 'Sec-Fetch-Site': 'cross-site', 'X-Forwarded-For': '192.0.2.1' });
    expect(server.logLines.filter(({ event }) => event === 'proxy.untrusted')).toHaveLength(1);
  });
});
