import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { eventually } from '../support/eventually.ts';
import { fresh } from '../support/shared.ts';
import { acme, aDirectoryOverHttp, ada, globex } from './a-directory-server.ts';

const here = fresh(aDirectoryOverHttp);

/** What it finds under these identifiers: the account, its memberships, and one of Ada's. */
const everything = async (id: string, organization: string) => [
  await here.directory.findAccount(id),
  await here.directory.memberships(id),
  await here.directory.findMembership('u_1', organization),
];
const nothing = [undefined, [], undefined];
const account = { id: ada.id, email: ada.email, name: ada.name };

describe('the directory over HTTP', () => {
  it('finds an account, its memberships by name, and one of them', async () => {
    expect(await everything('u_1', 'o_8')).toEqual([account, [acme, globex], globex]);
  });

  it('finds nothing where the console answers 404', async () => {
    expect(await everything('u_9', 'o_9')).toEqual(nothing);
  });

  it('finds nothing of a disabled account, even where its memberships are still answered', async () => {
    here.server.answers['/directory/accounts/u_1'] = { ...ada, disabled: true };
    expect(await everything('u_1', 'o_7')).toEqual(nothing);
  });

  it('takes no password: nobody types one here', async () => {
    expect(await here.directory.signIn('ada@example.com', 'difference engine')).toBeUndefined();
    expect(here.server.asked).toEqual([]);
  });

  it.each(['', '.', '..', 'a b', 'a\nb', 'é', 'x'.repeat(256)])(
    'does not even ask about %j, which is no identifier',
    async (id) => {
      expect(await everything(id, id)).toEqual(nothing);
      expect(here.server.asked).toEqual([]);
    },
  );

  it('never lets an identifier walk out of its place in the path', async () => {
    await here.directory.findMembership('u_1/../../secrets?x#y', '../..');
    expect(here.server.asked.map(({ path }) => path).sort()).toEqual([
      '/directory/accounts/u_1%2F..%2F..%2Fsecrets%3Fx%23y',
      '/directory/accounts/u_1%2F..%2F..%2Fsecrets%3Fx%23y/memberships/..%2F..',
    ]);
  });

  it('takes more than it asks for, and hands on what it knows', async () => {
    here.server.answers['/directory/accounts/u_1'] = { ...ada, phone: '1', memberships: [] };
    expect(await here.directory.findAccount('u_1')).toEqual(account);
  });
});

describe('a question', () => {
  it('is signed for this directory, for this purpose, for a minute', async () => {
    await here.directory.findAccount('u_1');
    const token = here.server.asked[0]?.token ?? '';
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'directory+jwt' });
    const now = here.clock.seconds();
    expect(decodeJwt(token)).toEqual({
      iss: 'https://api.example.com/mcp',
      aud: here.server.url,
      iat: now,
      exp: now + 60,
    });
  });

  it('has at least half a minute left on its credential', async () => {
    const tokens = [];
    for (const seconds of [0, 29, 2]) {
      here.clock.move(seconds);
      await here.directory.findAccount('u_1');
      tokens.push(here.server.asked.at(-1)?.token);
    }
    expect(tokens[1]).toBe(tokens[0]);
    expect(decodeJwt(tokens[2] ?? '').exp).toBe(here.clock.seconds() + 60);
  });

  it('is asked once, however many want to know at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => here.directory.findMembership('u_1', 'o_7')));
    expect(here.server.asked).toHaveLength(2);
  });

  it('is answered from memory for a second, and no longer', async () => {
    await here.directory.findAccount('u_1');
    here.clock.move(0.999);
    await here.directory.findAccount('u_1');
    expect(here.server.asked).toHaveLength(1);
    here.clock.move(0.001);
    here.server.answers['/directory/accounts/u_1'] = { ...ada, name: 'Ada King' };
    expect(await here.directory.findAccount('u_1')).toMatchObject({ name: 'Ada King' });
  });

  it('is answered from memory when there is no such thing, too', async () => {
    await here.directory.findAccount('u_9');
    await here.directory.findAccount('u_9');
    expect(here.server.asked).toHaveLength(1);
  });

  it('is asked again at once about an account that an event was about', async () => {
    await here.directory.findMembership('u_1', 'o_7');
    delete here.server.answers['/directory/accounts/u_1/memberships/o_7'];
    here.directory.forgetAccount('u_1');
    expect(await here.directory.findMembership('u_1', 'o_7')).toBeUndefined();
  });

  it('that was on its way when the event came is not kept', async () => {
    let answer: () => void = () => undefined;
    here.server.behave((_request, response) => {
      answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ada));
    });
    const before = here.directory.findAccount('u_1');
    await eventually(() => here.server.asked.length > 0);
    here.directory.forgetAccount('u_1');
    answer();
    await before;
    here.server.behave();
    here.server.answers['/directory/accounts/u_1'] = { ...ada, disabled: true };
    expect(await here.directory.findAccount('u_1')).toBeUndefined();
  });

  it('carries the ETag of the last answer, which counts when it is still the same', async () => {
    await here.directory.findAccount('u_1');
    here.clock.move(2);
    expect(await here.directory.findAccount('u_1')).toEqual(account);
    expect(here.server.asked.map(({ etag }) => etag)).toEqual([undefined, expect.stringMatching(/^".+"$/)]);
    expect(here.calls.map(({ outcome }) => outcome)).toEqual(['answered', 'unchanged']);
  });

  it('is measured by what was asked and how it ended', async () => {
    await here.directory.memberships('u_9');
    expect(here.calls.map(({ question, outcome }) => `${question} ${outcome}`).sort()).toEqual([
      'account unknown',
      'memberships unknown',
    ]);
    expect(here.calls.every(({ seconds }) => seconds > 0 && seconds < 2)).toBe(true);
  });
});
