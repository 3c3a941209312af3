import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { systemClock } from '../clock.ts';
import { type AcceptBody, acceptSchema } from './schemas.ts';
import type { SignInHints } from './sign-in-url.ts';
import { type MemberError, validate } from './validation.ts';

/** What a console sent as its answer to a challenge. */
export interface Answered {
  readonly isOurs: boolean;
  readonly isJson: boolean;
  readonly errors: readonly MemberError[];
  readonly body?: Partial<AcceptBody> | undefined;
}

/** What a console sent as its events. */
export interface Heard {
  readonly isOurs: boolean;
  readonly body: unknown;
}

export interface ListeningServer {
  expect(challenge: string, redirectTo: string, hints: SignInHints): void;
  answered(challenge: string): Answered | undefined;
  /** As many calls about events, or as many as come in time; the first is answered with 503. */
  hears(calls: number, patienceMs: number): Promise<readonly Heard[]>;
  close(): Promise<void>;
}

interface Parts {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
}

interface Expected {
  readonly redirectTo: string;
  readonly hints: SignInHints;
  answered?: Answered;
}

/** The two endpoints that a console calls, and nothing behind them: what is called is kept. */
export async function listenAsServer({ issuer, client }: Parts): Promise<ListeningServer> {
  const { hostname, port, pathname } = new URL(issuer);
  const challenges = new Map<string, Expected>();
  const heard: Heard[] = [];
  let onHeard: () => void = () => undefined;
  // RFC 6749 §2.3.1: encoded as a form, and as it is, since both are understood.
  const spellings = [[client.id, client.secret], [client.id, client.secret].map(encodeURIComponent)];
  const credentials = spellings.map((parts) => `Basic ${Buffer.from(parts.join(':')).toString('base64')}`);
  const isOurs = ({ headers }: IncomingMessage) => credentials.includes(headers.authorization ?? '');

  async function answer(request: IncomingMessage): Promise<[status: number, body: unknown]> {
    const path = (request.url ?? '').slice(pathname.replace(/\/$/, '').length);
    const [, , directory, kind, challenge = '', verb] = path.split('/');
    if (directory !== 'directory') return [404, {}];
    if (kind === 'events') return hear(request);
    return answerChallenge(request, challenges.get(challenge), verb);
  }

  async function answerChallenge(
    request: IncomingMessage,
    expected: Expected | undefined,
    verb: string | undefined,
  ): Promise<[status: number, body: unknown]> {
    if (!expected) return [404, { error: 'unknown_challenge', error_description: 'there is no such challenge' }];
    if (verb === undefined) return [200, describe(expected)];
    if (verb === 'accept') expected.answered = await read(request);
    return [200, { redirect_to: expected.redirectTo, expires_in: 60 }];
  }

  async function read(request: IncomingMessage): Promise<Answered> {
    const body = await bodyOf(request);
    const accepted = validate(acceptSchema, body);
    const errors = accepted.ok ? [] : accepted.errors;
    const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '');
    return { isOurs: isOurs(request), isJson, errors, body: (body ?? {}) as Partial<AcceptBody> };
  }

  async function hear(request: IncomingMessage): Promise<[number, unknown]> {
    heard.push({ isOurs: isOurs(request), body: await bodyOf(request) });
    onHeard();
    const isFirst = heard.length === 1;
    return isFirst
      ? [503, { error: 'temporarily_unavailable', error_description: 'once more' }]
      : [200, { accepted: 1 }];
  }

  const http = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  http.listen(Number(port), hostname);
  await once(http, 'listening');

  return {
    expect: (challenge, redirectTo, hints) => void challenges.set(challenge, { redirectTo, hints }),
    answered: (challenge) => challenges.get(challenge)?.answered,
    hears(calls, patienceMs) {
      const { promise, resolve } = Promise.withResolvers<readonly Heard[]>();
      const late = setTimeout(() => resolve(heard), patienceMs);
      onHeard = () => void (heard.length >= calls && resolve(heard));
      return promise.finally(() => clearTimeout(late));
    },
    async close() {
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  };
}

function describe({ hints }: Expected) {
  const { prompt, maxAge, acrValues } = hints;
  return {
    client: { name: 'The conformance suite', verified: false },
    redirect_host: 'localhost',
    resource: 'https://api.example.com/mcp',
    scopes: [],
    ui_locales: ['en'],
    expires_at: systemClock.seconds() + 600,
    ...(prompt && { prompt }),
    ...(maxAge !== undefined && { max_age: maxAge }),
    ...(acrValues && { acr_values: [...acrValues] }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
