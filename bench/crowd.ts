import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAuthorizationServer } from '../src/app.ts';
import { loadConfig } from '../src/config/index.ts';
import { createLocalDirectory, createPasswordHasher } from '../src/directory/index.ts';
import { createRecordNames, createRequestReads, createVault, openStore } from '../src/storage/index.ts';
import { emailOf, password } from './people.ts';
import { percentile } from './statistics.ts';

/**
 * How long a crowd that sends its sign-in forms at the same moment waits, with the bounds that ship and without any.
 * `node bench/crowd.ts [people]`. The server is a process of its own with real password hashes; each person comes from a
 * network of their own, and who is put off sends the form again when they were told to.
 */
const people = Number(process.argv[2] ?? 500);
const secret = 'known to this benchmark and to nobody else';

async function serveOne(isBounded: boolean): Promise<void> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const loaded = loadConfig({
    ...{ ISSUER: `${origin}/mcp`, STORE_SECRET: secret, DEMO: '0', LOG_LEVEL: 'silent' },
    ...{ DATABASE: ':memory:', TRUSTED_PROXIES: '127.0.0.1' },
  });
  const unbounded = { ...loaded.policy.limits, requestsAtOnce: 0, waitingPasswords: 1_000_000 };
  const limits = isBounded ? loaded.policy.limits : unbounded;
  const config = { ...loaded, policy: { ...loaded.policy, limits } };
  const vault = createVault(secret);
  const store = openStore({ kind: 'sqlite', file: ':memory:' }, (error) => process.stderr.write(`${error.message}\n`));
  const hasher = createPasswordHasher();
  const hashed = await hasher.hashPassword(password);
  const names = createRecordNames('', vault);
  const directory = createLocalDirectory(
    { store, names, reads: createRequestReads(store), hash: vault.hash },
    { ...hasher, hashPassword: async () => hashed },
  );
  const { id: organizationId } = await directory.createOrganization({ slug: 'acme', name: 'Acme Corp' });
  const memberships = [{ organizationId, role: 'member' }];
  for (let person = 0; person < people; person += 1) {
    await directory.createAccount({ email: emailOf(person), name: 'Ada', password, memberships });
  }
  const server = await createAuthorizationServer(config, { store });
  http.on('request', server.callback());
  process.send?.(origin);
}

interface Form {
  readonly action: string;
  readonly headers: Record<string, string>;
  readonly body: URLSearchParams;
}

const addressOf = (person: number) => `10.${Math.floor(person / 250)}.${person % 250}.1`;

async function opensSignIn(origin: string, clientId: string, person: number): Promise<Form> {
  const request = new URLSearchParams({
    ...{ response_type: 'code', client_id: clientId, redirect_uri: 'http://127.0.0.1:8765/callback' },
    ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256', state: 'of this flow' },
  });
  const from = { 'X-Forwarded-For': addressOf(person) };
  const begun = await fetch(`${origin}/mcp/oauth/authorize?${request}`, { headers: from, redirect: 'manual' });
  const cookie = begun.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const headers = { ...from, Cookie: cookie };
  const page = await fetch(new URL(begun.headers.get('location') ?? '', origin), { headers });
  const html = await page.text();
  const [, action = ''] = /action="([^"]*\/sign-in)"/.exec(html) ?? [];
  const [, csrf = ''] = /name="csrf" value="([^"]*)"/.exec(html) ?? [];
  return {
    action: `${origin}${action}`,
    headers,
    body: new URLSearchParams({ csrf, email: emailOf(person), password }),
  };
}

async function signsIn({ action, headers, body }: Form) {
  const start = performance.now();
  const answers: number[] = [];
  for (;;) {
    const asked = performance.now();
    const answer = await fetch(action, { method: 'POST', headers, body, redirect: 'manual' });
    await answer.arrayBuffer();
    answers.push(performance.now() - asked);
    if (answer.status === 303) return { answers, seconds: (performance.now() - start) / 1000 };
    if (answer.status !== 503 && answer.status !== 429) throw new Error(`answered ${answer.status}`);
    await delay((Number(answer.headers.get('retry-after')) + 3 * Math.random()) * 1000);
  }
}

async function measure(kind: string): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), [String(people), kind], { execArgv: process.execArgv });
  const [origin] = (await once(child, 'message')) as [string];
  const registered = await fetch(`${origin}/mcp/oauth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback'] }),
  });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const forms: Form[] = [];
  for (let person = 0; person < people; person += 1) forms.push(await opensSignIn(origin, clientId, person));
  const alone = await signsIn(await opensSignIn(origin, clientId, 0));
  const all = await Promise.all(forms.map(signsIn));
  child.kill();
  const answers = all.flatMap((each) => each.answers);
  const ends = all.map(({ seconds }) => seconds);
  const putOff = answers.length - people;
  const figures = [percentile(answers, 0.5), percentile(answers, 0.99), Math.max(...answers)].map((ms) =>
    (ms / 1000).toFixed(2),
  );
  process.stdout.write(
    `${kind}: one alone ${((alone.answers[0] ?? 0) / 1000).toFixed(2)} s; of ${people} at once an answer takes ${figures.join(' / ')} s (median / p99 / longest), ${putOff} were put off; signed in after ${percentile(ends, 0.5).toFixed(1)} / ${Math.max(...ends).toFixed(1)} s (median / last)\n`,
  );
}

async function measureBoth(): Promise<void> {
  process.stdout.write(`processors ${availableParallelism()} · model ${cpus()[0]?.model} · node ${process.version}\n`);
  for (const kind of ['unbounded', 'bounded']) await measure(kind);
}

if (process.send) await serveOne(process.argv[3] === 'bounded');
else await measureBoth();
