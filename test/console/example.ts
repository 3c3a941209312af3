import { createConsole } from '../../examples/console/console.ts';
import { systemClock } from '../../src/clock.ts';
import { createHttpDirectory, signInUrl } from '../../src/console/index.ts';
import { createPlainBrowser, type LoadedPage } from '../support/browser-without-a-screen.ts';
import { listening } from '../support/listening.ts';
import { anAuthorizationServer } from './authorization-server.ts';

/** The program of examples/console beside an authorization server. */
export async function theExample() {
  const server = await anAuthorizationServer();
  const http = await listening((request, response) => answer(request, response));
  const { app, people } = createConsole(http.origin, server);
  app.silent = true;
  const answer = app.callback();
  return {
    ...{ server, people, origin: http.origin },
    signIn: `${http.origin}/mcp/sign-in`,
    directoryUrl: `${http.origin}/internal/directory`,
    async close() {
      await http[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** The directory that the example answers, as the authorization server asks it. */
export function directoryOf({ server, directoryUrl: url }: Awaited<ReturnType<typeof theExample>>) {
  const { issuer, sign } = server;
  return createHttpDirectory({ url, issuer, sign, clock: systemClock, unavailable: 'wait' });
}

/** What a tool asks of the sign-in. */
interface Rules {
  readonly prompt?: 'login' | 'select_account';
  readonly max_age?: number;
  readonly login_hint?: string;
}

/** One browser at the console. */
export function aPerson({ server, signIn, origin }: Awaited<ReturnType<typeof theExample>>) {
  const atConsole = createPlainBrowser(origin);
  const person = {
    atConsole,
    /** Is sent by the authorization server; rests where the console asks, or at the way back when it asks nothing. */
    async comes({ prompt, max_age: maxAge, login_hint: loginHint, ...rules }: Rules = {}): Promise<LoadedPage> {
      const challenge = await server.createChallenge(rules);
      return atConsole.open(signInUrl(signIn, challenge, { prompt, maxAge, loginHint }));
    },
    does: (page: LoadedPage, action: string, fields = {}) => atConsole.submit(page, action, fields, { origin }),
    signsIn: (page: LoadedPage, email = 'ada@example.com', password = 'demo-password') =>
      person.does(page, '/sign-in', { email, password }),
    opensConsole: () => atConsole.open('/'),
  };
  return person;
}
