import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

const server = shared(startServer);

const unreadable = [
  ['nothing', 'Basic'],
  ['blanks', 'Basic   '],
  ['what is no base64', 'Basic !!!'],
  ['base64url', `Basic ${Buffer.from('??>>:ü?>').toString('base64url')}`],
  ['a control character', `Basic ${btoa('tool:se\ncret')}`],
  ['a letter of no ASCII', `Basic ${Buffer.from('tool:sécret').toString('base64')}`],
  ['no colon', `Basic ${btoa('somebody')}`],
  ['no id', `Basic ${btoa(':secret')}`],
  ['two words', `Basic ${btoa('a:b')} ${btoa('c:d')}`],
  ['an empty text, in small letters', 'basic '],
  ['another scheme', 'Digest username="somebody"'],
  ['another scheme of one word', 'Negotiate YII='],
  ['a scheme that only begins so', `Basics ${btoa('a:b')}`],
  ['no scheme', btoa('a:b')],
] as const;

const endpoints = [
  ['token', { grant_type: 'refresh_token', refresh_token: 'x' }, 'grant.error'],
  ['revoke', { token: 'x' }, 'revocation.error'],
  ['introspect', { token: 'x' }, 'introspection.error'],
] as const;

describe.each(endpoints)(
  'credentials in the header that cannot be read, at the endpoint %s,',
  (endpoint, body, event) => {
    it.each(unreadable)('because they hold %s, are 401 with the scheme (RFC 6749 §5.2)', async (_name, header) => {
      const { client } = await connect(server);
      const before = server.logLines.length;

      const answer = await fetch(`${server.issuer}/oauth/${endpoint}`, {
        method: 'POST',
        headers: { Authorization: header },
        body: new URLSearchParams({ ...body, client_id: client.clientId }),
      });

      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="/);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
      expect(server.logLines.slice(before)).toContainEqual(
        expect.objectContaining({ event, detail: 'the Authorization header cannot be read' }),
      );
    });
  },
);

it.each(['', 'Bearer'])(
  'a header %j says nothing of the client, whose request is judged without it (R59)',
  async (header) => {
    const { client, refreshToken } = await connect(server);
    const answer = await fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      headers: { Authorization: header },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: client.clientId,
      }),
    });
    expect(answer.status).toBe(200);
  },
);
