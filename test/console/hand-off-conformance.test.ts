import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { type AuthorizationServer, call } from '../../examples/console/authorization-server.ts';
import { createConsole } from '../../examples/console/console.ts';
import { checkHandOff } from '../../src/console/index.ts';
import { createPlainBrowser } from '../support/browser-without-a-screen.ts';
import { listening } from '../support/listening.ts';
import { freePort } from '../support/redis.ts';

const client = { id: 'example-console', secret: 'a secret' };
const failed = (lines: Awaited<ReturnType<typeof checkHandOff>>) =>
  lines.filter(({ ok }) => !ok).map(({ line }) => line);
const documented = readFileSync('docs/directory.md', 'utf8').matchAll(/^\| `((?:hand-off|events)\.[^`]+)` \|/gm);
const all = [...documented].map(([, line]) => line);

it('the suite finds every line of the hand-off to hold for the example', async () => {
  const [issuer, port] = [`http://localhost:${await freePort()}/mcp`, await freePort()];
  const origin = `http://localhost:${port}`;
  const { app } = createConsole(origin, { issuer, client: client.id, secret: client.secret });
  app.silent = true;
  const http = app.listen(port, 'localhost');
  await once(http, 'listening');
  const ada = createPlainBrowser(origin);
  const as = { origin };
  const home = await ada.submit(
    await ada.open('/'),
    '/sign-in',
    { email: 'ada@example.com', password: 'demo-password' },
    as,
  );
  const lines = await checkHandOff({
    ...{ issuer, client, signIn: `${origin}/mcp/sign-in` },
    async visit(address) {
      const { url } = await ada.open(address);
      return url.origin === origin ? undefined : url.href;
    },
    removeMember: () => ada.submit(home, '/members/remove', {}, as),
  });
  http.closeAllConnections();
  http.close();
  expect([lines.map(({ line }) => line), failed(lines)]).toEqual([all, []]);
});

interface Faults {
  readonly secret?: string;
  readonly signedInAt?: number;
  readonly account?: object;
  readonly follows?: boolean;
  readonly ignores?: 'prompt' | 'max_age';
  readonly echoes?: boolean;
  readonly event?: object;
  readonly tells?: 'nothing' | 'once' | 'anew';
}

/** One that somebody has written in a hurry. */
async function aConsole(issuer: string, faults: Faults) {
  const { secret = client.secret, signedInAt = 1_795_827_672, account = { id: 'u_1' }, ignores, tells } = faults;
  const server: AuthorizationServer = { issuer, client: client.id, secret };
  const http = await listening(async (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    const asksAgain = ['prompt', 'max_age'].some((name) => name !== ignores && searchParams.has(name));
    if (asksAgain) return response.end('Your password, please.');
    const asked = searchParams.get('acr_values');
    const answer = { account, auth_time: signedInAt, ...(faults.echoes && asked && { acr: asked }) };
    const { body } = await call(server, `challenges/${searchParams.get('login_challenge')}/accept`, answer);
    const target = String(body.redirect_to);
    const isTheirs = new URL(target).origin === new URL(issuer).origin;
    if (!isTheirs && !faults.follows) return response.end('That is not where you came from.');
    return response.writeHead(303, { location: target }).end();
  });
  return {
    ...http,
    async visit(url: string) {
      const { headers } = await fetch(url, { redirect: 'manual' });
      return headers.get('location') ?? undefined;
    },
    async removeMember() {
      if (tells === 'nothing') return;
      const event = { type: 'membership.ended', account: 'u_2', organization: 'o_7', at: signedInAt, ...faults.event };
      const id = randomUUID();
      const tell = (as: string) => call(server, 'events', [{ id: as, ...event }]);
      const { status } = await tell(id);
      if (status !== 200 && tells !== 'once') await tell(tells === 'anew' ? randomUUID() : id);
    },
  };
}

it.each<[string, Faults, string[]]>([
  ['keeps all of it', {}, []],
  ['calls with a wrong secret', { secret: 'guessed' }, ['hand-off.answer', 'events.told']],
  ['says the time in milliseconds', { signedInAt: 1_795_827_672_000 }, ['hand-off.answer', 'events.told']],
  ['says no account', { account: {} }, ['hand-off.answer']],
  ['goes wherever it is told to', { follows: true }, ['hand-off.redirect']],
  ['never asks for the password again', { ignores: 'prompt' }, ['hand-off.prompt']],
  ['takes a session of any age', { ignores: 'max_age' }, ['hand-off.max-age']],
  ['says of a sign-in whatever it is asked for', { echoes: true }, ['hand-off.acr-values']],
  ['tells nothing', { tells: 'nothing' }, ['events.told', 'events.repeated']],
  ['tells something else', { event: { type: 'account.deleted' } }, ['events.told']],
  ['tells what nobody understands', { event: { type: 'member.removed' } }, ['events.told']],
  ['tells it once, heard or not', { tells: 'once' }, ['events.repeated']],
  ['tells it anew each time', { tells: 'anew' }, ['events.repeated']],
])('a console that %s is told so by the names of the lines', async (_name, faults, lines) => {
  const issuer = `http://localhost:${await freePort()}/mcp`;
  await using console = await aConsole(issuer, faults);
  const { visit, removeMember, origin } = console;
  // Nothing that comes too late is hoped for: what is told is told by then.
  const patienceMs = ['nothing', 'once'].includes(String(faults.tells)) ? 50 : undefined;
  const signIn = `${origin}/sign-in`;
  expect(failed(await checkHandOff({ issuer, client, signIn, visit, removeMember, patienceMs }))).toEqual(lines);
});
