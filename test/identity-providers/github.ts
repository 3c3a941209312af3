import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Answer, json, readForm } from './scripted-provider.ts';

export interface GitHubPerson {
  id?: unknown;
  login?: string;
  name?: string | null;
  emails?: unknown;
  organizations?: readonly string[];
}

/** GitHub as its documentation has it, at the edge: HTTP, and nothing of it but what a sign-in asks. */
export async function startGitHub() {
  const asked: URL[] = [];
  let person: GitHubPerson = {};
  let limit: [status: number, headers: Record<string, string>] | undefined;
  let instead: Partial<Record<string, Answer>> = {};
  const challenges = new Map<string, string>();

  function authorize(url: URL, response: ServerResponse) {
    asked.push(url);
    const code = `gh-${asked.length}`;
    challenges.set(code, String(url.searchParams.get('code_challenge')));
    const back = new URLSearchParams({ code, state: String(url.searchParams.get('state')) });
    response.writeHead(302, { location: `${url.searchParams.get('redirect_uri')}?${back}` }).end();
  }

  /** What is wrong is answered with 200, and an error in it. */
  async function token(request: IncomingMessage, response: ServerResponse) {
    const form = await readForm(request);
    const challenge = hash('sha256', String(form.get('code_verifier')), 'base64url');
    const isRight = form.get('client_secret') === 'gh secret' && challenges.get(String(form.get('code'))) === challenge;
    if (!isRight) return json(response, { error: 'bad_verification_code', error_description: 'expired' });
    return json(response, { access_token: 'gho_secret', token_type: 'bearer', scope: 'read:user,user:email' });
  }

  function api(path: string, request: IncomingMessage, response: ServerResponse) {
    const { authorization, 'user-agent': agent } = request.headers;
    if (authorization !== 'Bearer gho_secret' || !agent) return json(response, { message: 'Bad credentials' }, 401);
    if (limit) return response.writeHead(...limit).end('{}');
    const { emails, organizations = [], ...user } = person;
    const answers: Record<string, unknown> = {
      '/user': user,
      '/user/emails': emails,
      '/user/orgs': organizations.map((login) => ({ login })),
    };
    return json(response, answers[path]);
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const own = instead[url.pathname.replace('/api/v3', '')];
    if (own) return own(response, request);
    if (url.pathname === '/login/oauth/authorize') return authorize(url, response);
    if (url.pathname === '/login/oauth/access_token') return token(request, response);
    return api(url.pathname.replace('/api/v3', ''), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const origin = `http://localhost:${(server.address() as { port: number }).port}`;
  return {
    origin,
    /** As auth.json has it. */
    entry: {
      id: 'github',
      kind: 'github',
      issuer: origin,
      client: { client_id: 'gh client', client_secret: 'gh secret' },
    },
    asked,
    is(next: GitHubPerson) {
      person = next;
    },
    /** What it answers in place of what it should, by path. */
    plays(answers: Partial<Record<string, Answer>> = {}) {
      instead = answers;
    },
    limits(status: number, headers: Record<string, string> = {}) {
      limit = [status, headers];
    },
    unlimited() {
      limit = undefined;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
