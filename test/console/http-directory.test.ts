import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createHttpDirectory, type DirectoryCall, type HttpDirectory } from '../../src/console/index.ts';
import { eventually } from '../support/eventually.ts';
import { acme, aDirectoryServer, ada, aSigner, globex } from './a-directory-server.ts';
import { aClock } from './storage.ts';

const issuer = 'https://api.example.com/mcp';

let server: Awaited<ReturnType<typeof aDirectoryServer>>;
let clock: ReturnType<typeof aClock>;
let directory: HttpDirectory;
let calls: DirectoryCall[];
beforeEach(async () => {
  [server, clock, calls] = [await aDirectoryServer(), aClock(), []];
  const { sign } = await aSigner();
  const observer = { onCall: (call: DirectoryCall) => calls.push(call) };
  directory = createHttpDirectory({ url: server.url, issuer, sign, clock, unavailable: 'wait', observer });
});
afterEach(async () => {
  await directory.close();
  await server.close();
});

const account = { id: ada.id, email: ada.email, name: ada.name };

describe('the directory over HTTP', () => {
  it('finds an account, its memberships by name, and one of them', async () => {
    expect(await directory.findAccount('u_1')).toEqual(account);
    expect(await directory.memberships('u_1')).toEqual([acme, globex]);
    expect(await directory.findMembership('u_1', 'o_8')).toEqual(globex);
  });

  it('finds nothing where the console answers 404', async () => {
    expect(await directory.findAccount('u_9')).toBeUndefined();
    expect(await directory.memberships('u_9')).toEqual([]);
    expect(await directory.findMembership('u_1', 'o_9')).toBeUndefined();
  });

  it('finds nothing of a disabled account, even where its memberships are still answered', async () => {
    server.answers['/directory/accounts/u_1'] = { ...ada, disabled: true };
    expect(await directory.findAccount('u_1')).toBeUndefined();
    expect(await directory.memberships('u_1')).toEqual([]);
    expect(await directory.findMembership('u_1', 'o_7')).toBeUndefined();
  });

  it('takes no password: nobody types one here', async () => {
    expect(await directory.signIn('ada@example.com', 'difference engine')).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  it.each(['', '.', '..', 'a b', 'a\nb', 'é', 'x'.repeat(256)])(
    'does not even ask about %j, which is no identifier',
    async (id) => {
      expect(await directory.findAccount(id)).toBeUndefined();
      expect(await directory.memberships(id)).toEqual([]);
      expect(await directory.findMembership('u_1', id)).toBeUndefined();
      expect(server.asked).toEqual([]);
    },
  );

  it('never lets an identifier walk out of its place in the path', async () => {
    await directory.findMembership('u_1/../../secrets?x#y', '../..');
    expect(server.asked.map(({ path }) => path).sort()).toEqual([
      '/directory/accounts/u_1%2F..%2F..%2Fsecrets%3Fx%23y',
      '/directory/accounts/u_1%2F..%2F..%2Fsecrets%3Fx%23y/memberships/..%2F..',
    ]);
  });

  it('takes more than it asks for, and hands on what it knows', async () => {
    server.answers['/directory/accounts/u_1'] = { ...ada, phone: '1', memberships: [] };
    expect(await directory.findAccount('u_1')).toEqual(account);
  });
});

describe('a question', () => {
  it('is signed for this directory, for this purpose, for a minute', async () => {
    await directory.findAccount('u_1');
    const { token = '' } = server.asked[0] ?? {};
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'directory+jwt' });
    const now = clock.seconds();
    expect(decodeJwt(token)).toEqual({ iss: issuer, aud: server.url, iat: now, exp: now + 60 });
  });

  it('has at least half a minute left on its credential', async () => {
    const tokens = [];
    for (const seconds of [0, 29, 2]) {
      clock.move(seconds);
      await directory.findAccount('u_1');
      tokens.push(server.asked.at(-1)?.token);
    }
    expect(tokens[1]).toBe(tokens[0]);
    expect(decodeJwt(tokens[2] ?? '').exp).toBe(clock.seconds() + 60);
  });

  it('is asked once, however many want to know at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => directory.findMembership('u_1', 'o_7')));
    expect(server.asked).toHaveLength(2);
  });

  it('is answered from memory for a second, and no longer', async () => {
    await directory.findAccount('u_1');
    clock.move(0.999);
    await directory.findAccount('u_1');
    expect(server.asked).toHaveLength(1);
    clock.move(0.001);
    server.answers['/directory/accounts/u_1'] = { ...ada, name: 'Ada King' };
    expect(await directory.findAccount('u_1')).toMatchObject({ name: 'Ada King' });
  });

  it('is answered from memory when there is no such thing, too', async () => {
    await directory.findAccount('u_9');
    await directory.findAccount('u_9');
    expect(server.asked).toHaveLength(1);
  });

  it('is asked again at once about an account that an event was about', async () => {
    await directory.findMembership('u_1', 'o_7');
    delete server.answers['/directory/accounts/u_1/memberships/o_7'];
    directory.forgetAccount('u_1');
    expect(await directory.findMembership('u_1', 'o_7')).toBeUndefined();
  });

  it('that was on its way when the event came is not kept', async () => {
    let answer: () => void = () => undefined;
    server.behave((_request, response) => {
      answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ada));
    });
    const before = directory.findAccount('u_1');
    await eventually(() => server.asked.length > 0);
    directory.forgetAccount('u_1');
    answer();
    await before;
    server.behave();
    server.answers['/directory/accounts/u_1'] = { ...ada, disabled: true };
    expect(await directory.findAccount('u_1')).toBeUndefined();
  });

  it('carries the ETag of the last answer, which counts when it is still the same', async () => {
    await directory.findAccount('u_1');
    clock.move(2);
    expect(await directory.findAccount('u_1')).toEqual(account);
    expect(server.asked.map(({ etag }) => etag)).toEqual([undefined, expect.stringMatching(/^".+"$/)]);
    expect(calls.map(({ outcome }) => outcome)).toEqual(['answered', 'unchanged']);
  });

  it('is measured by what was asked and how it ended', async () => {
    await directory.memberships('u_9');
    expect(calls.map(({ question, outcome }) => `${question} ${outcome}`).sort()).toEqual([
      'account unknown',
      'memberships unknown',
    ]);
    expect(calls.every(({ seconds }) => seconds > 0 && seconds < 2)).toBe(true);
  });
});
