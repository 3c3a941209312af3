import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createHttpDirectory,
  DirectoryUnavailable,
  type HttpDirectory,
  type HttpDirectoryOptions,
  type UnavailableAnswer,
} from '../../src/console/index.ts';
import { acme, aDirectoryServer, ada, aSigner, type Behaviour, body, globex, status } from './a-directory-server.ts';
import { aClock } from './storage.ts';

let server: Awaited<ReturnType<typeof aDirectoryServer>>;
let clock: ReturnType<typeof aClock>;
let said: string[];
const opened: HttpDirectory[] = [];
beforeEach(async () => {
  [server, clock, said] = [await aDirectoryServer(), aClock(), []];
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await server.close();
});

async function open(more: Partial<HttpDirectoryOptions> = {}): Promise<HttpDirectory> {
  const { sign } = await aSigner();
  const observer = {
    onUnavailable: ({ question, check }: UnavailableAnswer) => said.push(`${question}: ${check}`),
    onAvailable: () => said.push('available'),
    onBreaker: (state: string) => said.push(`breaker ${state}`),
  };
  const parts = { url: server.url, issuer: 'https://api.example.com/mcp', sign, clock, observer };
  const directory = createHttpDirectory({ ...parts, unavailable: 'wait', timeoutMs: 100, ...more });
  opened.push(directory);
  return directory;
}

const silence: Behaviour = () => undefined;
const halfAnAnswer: Behaviour = (_request, response) => response.writeHead(200).write('{"id":');
const cut: Behaviour = (request) => request.socket.destroy();

describe('a console that is away', () => {
  it.each([
    ['does not answer', silence, 'time', 2],
    ['stops in the middle of an answer', halfAnAnswer, 'time', 2],
    ['closes the connection', cut, 'connection', 2],
    ['answers 500', status(500), 'status 500', 2],
    ['answers 503', status(503, { 'retry-after': '60' }), 'status 503', 2],
    ['does not know us', status(401), 'status 401', 1],
    ['forbids it', status(403), 'status 403', 1],
    ['limits us', status(429), 'status 429', 1],
    ['leads elsewhere', status(302, { location: 'https://attacker.example/' }), 'status 302', 1],
    ['leads to itself', status(307, { location: '/directory/accounts/u_1' }), 'status 307', 1],
    ['answers 304 where nothing was known', status(304), 'status 304', 1],
    ['answers 204', status(204), 'status 204', 1],
  ])('and %s is unavailable, after as many tries as make sense', async (_name, behaviour, check, tries) => {
    server.behave(behaviour);
    const error = await (await open()).findAccount('u_1').catch((reason) => reason);
    expect(error).toBeInstanceOf(DirectoryUnavailable);
    expect(error).toMatchObject({
      code: 'DIRECTORY_UNAVAILABLE',
      error: 'temporarily_unavailable',
      status: 503,
      check,
    });
    expect(server.asked).toHaveLength(tries);
  });

  it('for one try only is not noticed', async () => {
    server.behave((_request, response) => {
      server.behave();
      response.writeHead(502).end();
    });
    expect(await (await open()).findAccount('u_1')).toMatchObject({ id: 'u_1' });
    expect(said).toEqual([]);
  });

  it('is said once, and once when it is back', async () => {
    const directory = await open();
    server.behave(status(503));
    for (let asked = 0; asked < 3; asked++) await directory.findAccount('u_1').catch(() => undefined);
    server.behave();
    await directory.findAccount('u_1');
    await directory.findAccount('u_1');
    expect(said).toEqual(['account: status 503', 'available']);
  });

  it('is not said again and again because one answer is wrong and all others are right', async () => {
    const directory = await open();
    server.answers['/directory/accounts/u_2'] = ada;
    for (let asked = 0; asked < 3; asked++) {
      clock.move(1);
      await directory.findAccount('u_1');
      await directory.findAccount('u_2').catch(() => undefined);
    }
    expect(said).toEqual(['account: id is not the one that was asked for']);
  });

  it('tells the one who asked nothing of the reason', async () => {
    server.behave(body('{"secret": "of the console"}'));
    const error: Error = await (await open()).findAccount('u_1').catch((reason) => reason);
    expect(error.message).toBe('temporarily_unavailable');
  });
});

describe('an answer that cannot be believed', () => {
  const json = (value: unknown) => body(JSON.stringify(value));
  it.each<[string, Behaviour, string]>([
    ['no JSON', body('<html>'), 'JSON'],
    ['nothing', body(''), 'JSON'],
    ['null', json(null), 'the answer '],
    ['a list', json([ada]), 'the answer '],
    ['without an email', json({ id: 'u_1', name: 'Ada' }), 'email is missing'],
    ['with a name that is none', json({ ...ada, name: 7 }), 'name must be a text'],
    ['with a doubtful end', json({ ...ada, disabled: 'no' }), 'disabled '],
    ['about another person', json({ ...ada, id: 'u_2' }), 'id is not the one that was asked for'],
    ['two MiB long', body(JSON.stringify({ ...ada, more: 'x'.repeat(2 ** 21) })), 'size'],
    ['nested too deep to be anything', body('['.repeat(500_000) + ']'.repeat(500_000)), 'the answer '],
  ])('%s is unavailable, and one line says which check failed', async (_name, behaviour, check) => {
    server.behave(behaviour);
    await expect((await open({ timeoutMs: 2000 })).findAccount('u_1')).rejects.toBeInstanceOf(DirectoryUnavailable);
    expect(said).toEqual([expect.stringContaining(`account: ${check}`)]);
    expect(server.asked).toHaveLength(1);
  });

  it('about another organization is unavailable', async () => {
    server.answers['/directory/accounts/u_1/memberships/o_7'] = globex;
    await expect((await open()).findMembership('u_1', 'o_7')).rejects.toBeInstanceOf(DirectoryUnavailable);
    expect(said).toEqual(['membership: organization.id is not the one that was asked for']);
  });

  it.each([
    ['id', { ...globex, organization: { ...globex.organization, id: 'o_7' } }],
    ['slug', { ...globex, organization: { ...globex.organization, slug: 'acme' } }],
  ])('with an %s twice is unavailable: which role would count?', async (member, twice) => {
    server.answers['/directory/accounts/u_1/memberships'] = [acme, twice];
    await expect((await open()).memberships('u_1')).rejects.toMatchObject({
      check: `organization.${member} twice`,
    });
  });
});

describe('the circuit breaker', () => {
  async function broken(): Promise<HttpDirectory> {
    const directory = await open();
    server.behave(status(503));
    for (let asked = 0; asked < 5; asked++) await directory.findAccount('u_1').catch(() => undefined);
    return directory;
  }

  it('opens after five questions in a row without an answer, and spares the console', async () => {
    const directory = await broken();
    const before = server.asked.length;
    await expect(directory.findAccount('u_1')).rejects.toMatchObject({ check: 'circuit open', status: 503 });
    expect([before, server.asked.length]).toEqual([10, 10]);
  });

  it('lets one question through after five seconds, and closes when it is answered', async () => {
    const directory = await broken();
    server.behave();
    clock.move(5);
    const questions = ['u_1', 'u_2', 'u_3'].map((id) => directory.findAccount(id).catch(() => 'unavailable'));
    expect((await Promise.all(questions)).filter((answer) => answer === 'unavailable')).toHaveLength(2);
    await directory.findAccount('u_2');
    expect(said).toEqual([
      'account: status 503',
      'breaker open',
      'breaker half-open',
      'account: circuit open',
      'breaker closed',
      'available',
    ]);
  });

  it('stays open when that one is not answered either', async () => {
    const directory = await broken();
    clock.move(5);
    await directory.findAccount('u_1').catch(() => undefined);
    await expect(directory.findAccount('u_1')).rejects.toMatchObject({ check: 'circuit open' });
  });

  it('does not open for nonsense, which costs nobody any time', async () => {
    const directory = await open();
    server.behave(body('{}'));
    for (let asked = 0; asked < 9; asked++) await directory.findAccount('u_1').catch(() => undefined);
    server.behave();
    expect(await directory.findAccount('u_1')).toMatchObject({ id: 'u_1' });
  });
});

describe('believing the last answer while the console is away', () => {
  const believeFor = { unavailable: { believeFor: 900 } };

  it('lasts for as long as the setting says', async () => {
    const directory = await open(believeFor);
    await directory.findMembership('u_1', 'o_7');
    server.behave(status(503));
    clock.move(900);
    expect(await directory.findMembership('u_1', 'o_7')).toEqual(acme);
    clock.move(1);
    await expect(directory.findMembership('u_1', 'o_7')).rejects.toBeInstanceOf(DirectoryUnavailable);
  });

  it('believes no more of what was never answered', async () => {
    const directory = await open(believeFor);
    server.behave(status(503));
    await expect(directory.findAccount('u_1')).rejects.toBeInstanceOf(DirectoryUnavailable);
  });

  it('believes nothing that an event was about', async () => {
    const directory = await open(believeFor);
    await directory.findMembership('u_1', 'o_7');
    server.behave(status(503));
    directory.forgetAccount('u_1');
    await expect(directory.findMembership('u_1', 'o_7')).rejects.toBeInstanceOf(DirectoryUnavailable);
  });

  it('is off when the setting is to wait', async () => {
    const directory = await open();
    await directory.findAccount('u_1');
    server.behave(status(503));
    clock.move(1);
    await expect(directory.findAccount('u_1')).rejects.toBeInstanceOf(DirectoryUnavailable);
  });
});
