import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { postForm, refusal } from '../support/endpoints.ts';
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
  (endpoint, form, event) => {
    it.each(unreadable)(
      'because they hold %s, are 401 with the scheme (RFC 6749 §5.2)',
      async (_name, Authorization) => {
        const { client } = await connect(server);
        const before = server.logLines.length;
        const named = { ...form, client_id: client.clientId };
        const answer = await postForm(server.issuer, endpoint, named, { Authorization });

        expect(answer).toMatchObject(refusal(401, 'invalid_client'));
        expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="/);
        expect(answer.headers.get('cache-control')).toBe('no-store');
        const line = { event, detail: 'the Authorization header cannot be read' };
        expect(server.logLines.slice(before)).toContainEqual(expect.objectContaining(line));
      },
    );
  },
);

it.each(['', 'Bearer'])(
  'a header %j says nothing of the client, whose request is judged without it (R59)',
  async (Authorization) => {
    const { client, refreshToken } = await connect(server);
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client.clientId };
    expect((await postForm(server.issuer, 'token', form, { Authorization })).status).toBe(200);
  },
);
