import { describe, expect, it } from '@jest/globals';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const inBrowser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe.each([
  ['with the demonstration', true, '/mcp'],
  ['without it', false, '/mcp'],
  ['for an issuer without a path', false, ''],
])('opening the server in a browser, %s', (_name, demonstration, path) => {
  const server = shared(() => startServer({ demonstration, path }));

  const places = ['/', '/mcp', '/mcp/'].filter((each) => each === '/' || path !== '');
  it.each(places)('at %s says what it is and how to connect', async (place) => {
    const response = await fetch(`${server.origin}${place}`, { headers: inBrowser });
    const html = await response.text();

    expect(response.status).toBe(200);
    for (const part of ['Connect your AI tool', new URL(server.issuer).href, 'claude mcp add --transport http'])
      expect(html.replaceAll('&amp;', '&')).toContain(part.replace(/\/$/, ''));
    expect(html).not.toContain('There is nothing here');
  });

  it('says to a tool, and of any other place, what it said before', async () => {
    const stream = await fetch(server.issuer, { headers: { Accept: 'text/event-stream' } });
    await stream.body?.cancel();
    const elsewhere = await fetch(`${server.origin}/nothing`, { headers: inBrowser });

    expect([stream.status, elsewhere.status]).toEqual([demonstration ? 401 : 404, 404]);
  });
});
