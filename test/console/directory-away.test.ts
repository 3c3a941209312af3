import { describe, expect, it } from '@jest/globals';
import { DirectoryUnavailable, type HttpDirectory } from '../../src/console/index.ts';
import { fresh } from '../support/shared.ts';
import { acme, aDirectoryOverHttp, ada, type Behaviour, body, globex, status } from './a-directory-server.ts';

const here = fresh(aDirectoryOverHttp);

const silence: Behaviour = () => undefined;
const halfAnAnswer: Behaviour = (_request, response) => response.writeHead(200).write('{"id":');
const cut: Behaviour = (request) => request.socket.destroy();

const isUnavailable = (answer: Promise<unknown>) => expect(answer).rejects.toBeInstanceOf(DirectoryUnavailable);

/** Again and again, whatever is answered. */
async function ask(times: number): Promise<void> {
  for (let asked = 0; asked < times; asked++) await here.directory.findAccount('u_1').catch(() => undefined);
}

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
    here.server.behave(behaviour);
    const directory = here.open({ timeoutMs: check === 'time' ? 100 : 10_000 });
    const error = await directory.findAccount('u_1').catch((reason) => reason);
    const refused = { error: 'temporarily_unavailable', status: 503 };
    expect(error).toBeInstanceOf(DirectoryUnavailable);
    expect(error).toMatchObject({ code: 'DIRECTORY_UNAVAILABLE', ...refused, check });
    expect(here.server.asked).toHaveLength(tries);
  });

  it('for one try only is not noticed', async () => {
    here.server.behave((_request, response) => {
      here.server.behave();
      response.writeHead(502).end();
    });
    expect(await here.directory.findAccount('u_1')).toMatchObject({ id: 'u_1' });
    expect(here.said).toEqual([]);
  });

  it('is said once, and once when it is back', async () => {
    here.server.behave(status(503));
    await ask(3);
    here.server.behave();
    await ask(2);
    expect(here.said).toEqual(['account: status 503', 'available']);
  });

  it('is not said again and again because one answer is wrong and all others are right', async () => {
    here.server.answers['/directory/accounts/u_2'] = ada;
    for (let asked = 0; asked < 3; asked++) {
      here.clock.move(1);
      await here.directory.findAccount('u_1');
      await here.directory.findAccount('u_2').catch(() => undefined);
    }
    expect(here.said).toEqual(['account: id is not the one that was asked for']);
  });

  it('tells the one who asked nothing of the reason', async () => {
    here.server.behave(body('{"secret": "of the console"}'));
    await expect(here.directory.findAccount('u_1')).rejects.toThrow(/^temporarily_unavailable$/);
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
    ['two MiB long', json({ ...ada, more: 'x'.repeat(2 ** 21) }), 'size'],
    ['nested too deep to be anything', body('['.repeat(500_000) + ']'.repeat(500_000)), 'the answer '],
  ])('%s is unavailable, and one line says which check failed', async (_name, behaviour, check) => {
    here.server.behave(behaviour);
    await isUnavailable(here.open({ timeoutMs: 2000 }).findAccount('u_1'));
    expect(here.said).toEqual([expect.stringContaining(`account: ${check}`)]);
    expect(here.server.asked).toHaveLength(1);
  });

  it('about another organization is unavailable', async () => {
    here.server.answers['/directory/accounts/u_1/memberships/o_7'] = globex;
    await isUnavailable(here.directory.findMembership('u_1', 'o_7'));
    expect(here.said).toEqual(['membership: organization.id is not the one that was asked for']);
  });

  it.each([
    ['id', { ...globex, organization: { ...globex.organization, id: 'o_7' } }],
    ['slug', { ...globex, organization: { ...globex.organization, slug: 'acme' } }],
  ])('with an %s twice is unavailable: which role would count?', async (member, twice) => {
    here.server.answers['/directory/accounts/u_1/memberships'] = [acme, twice];
    const check = `organization.${member} twice`;
    await expect(here.directory.memberships('u_1')).rejects.toMatchObject({ check });
  });
});

describe('the circuit breaker', () => {
  async function breakTheCircuit(): Promise<void> {
    here.server.behave(status(503));
    await ask(5);
  }
  const isOpen = () =>
    expect(here.directory.findAccount('u_1')).rejects.toMatchObject({ check: 'circuit open', status: 503 });

  it('opens after five questions in a row without an answer, and spares the console', async () => {
    await breakTheCircuit();
    expect(here.server.asked).toHaveLength(10);
    await isOpen();
    expect(here.server.asked).toHaveLength(10);
  });

  it('lets one question through after five seconds, and closes when it is answered', async () => {
    await breakTheCircuit();
    here.server.behave();
    here.clock.move(5);
    const questions = ['u_1', 'u_2', 'u_3'].map((id) => here.directory.findAccount(id).catch(() => 'unavailable'));
    expect((await Promise.all(questions)).filter((answer) => answer === 'unavailable')).toHaveLength(2);
    await here.directory.findAccount('u_2');
    const during = ['breaker open', 'breaker half-open', 'account: circuit open', 'breaker closed'];
    expect(here.said).toEqual(['account: status 503', ...during, 'available']);
  });

  it('stays open when that one is not answered either', async () => {
    await breakTheCircuit();
    here.clock.move(5);
    await ask(1);
    await isOpen();
  });

  it('does not open for nonsense, which costs nobody any time', async () => {
    here.server.behave(body('{}'));
    await ask(9);
    here.server.behave();
    expect(await here.directory.findAccount('u_1')).toMatchObject({ id: 'u_1' });
  });
});

describe('believing the last answer while the console is away', () => {
  const unavailable = { believeFor: 900 };
  const askAbout = (directory: HttpDirectory) => directory.findMembership('u_1', 'o_7');

  it('lasts for as long as the setting says', async () => {
    const directory = here.open({ unavailable });
    await askAbout(directory);
    here.server.behave(status(503));
    here.clock.move(900);
    expect(await askAbout(directory)).toEqual(acme);
    here.clock.move(1);
    await isUnavailable(askAbout(directory));
  });

  it('believes no more of what was never answered', async () => {
    here.server.behave(status(503));
    await isUnavailable(here.open({ unavailable }).findAccount('u_1'));
  });

  it('believes nothing that an event was about', async () => {
    const directory = here.open({ unavailable });
    await askAbout(directory);
    here.server.behave(status(503));
    directory.forgetAccount('u_1');
    await isUnavailable(askAbout(directory));
  });

  it('is off when the setting is to wait', async () => {
    await ask(1);
    here.server.behave(status(503));
    here.clock.move(1);
    await isUnavailable(here.directory.findAccount('u_1'));
  });
});
