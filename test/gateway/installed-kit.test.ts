import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { installKit } from '../support/installed-package.ts';
import { shared } from '../support/shared.ts';
import { createIssuer, RESOURCE as resource } from './issuer.ts';

const run = promisify(execFile);

// It is packed and installed first.
jest.setTimeout(180_000);
const installed = shared(installKit, ({ remove }) => remove());
const issuer = shared(createIssuer);

const inProject = () => ({ cwd: installed.project, env: installed.env });
const path = (name: string) => join(installed.project, name);
const manifestOf = (name: string) => JSON.parse(readFileSync(path(`node_modules/${name}/package.json`), 'utf8'));

/** Asks about two requests, and says what the fetch handler was given. */
async function createProgram(): Promise<string> {
  const token = await issuer.sign({ aud: resource });
  return `
    const options = { issuer: '${issuer.url}', resource: '${resource}', scopes: [] };
    const { authenticate } = protectResource(options);
    const ask = (headers) => authenticate(new Request('${resource}', { headers }));
    const { status } = await ask({});
    // Twice: the second time it is remembered.
    await ask({ authorization: 'Bearer ${token}' });
    const { accountId } = await ask({ authorization: 'Bearer ${token}' });
    const lazy = protectResource({ ...options, methods: { ping: 'open' }, tools: {}, filterTools: true });
    const headers = { 'content-type': 'application/json' };
    const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    const request = new Request('${resource}', { method: 'POST', headers, body });
    const { isNobody } = await lazy.authenticate(request);
    const passed = lazy.filterTools(request, new Response(await request.text())).status;
    const followed = followRevocations({ issuer: '${issuer.url}', clientId: 'a', clientSecret: 'b' });
    const state = await followed.stateOf({});
    followed.close();
    said = [status, accountId, isNobody, passed, state, hasScope(['project:*'], 'project:read')].join(' ');
  `;
}
const expected = '401 account-ada true 200 unknown true';

/** Every Node on this machine, the oldest that the kit promises included if it is there. */
async function findNodes(): Promise<{ command: string; version: string }[]> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const commands = [process.execPath, ...new Set(folders.map((folder) => join(folder, 'node')))];
  const found = commands.map(async (command) => {
    const version = await run(command, ['--version']).catch(() => undefined);
    return { command, version: version?.stdout.trim() ?? '' };
  });
  const working = (await Promise.all(found)).filter(({ version }) => Number(version.slice(1).split('.')[0]) >= 20);
  return [...new Map(working.map((node) => [node.version, node])).values()];
}

describe('the gateway kit in a project of its own', () => {
  it('brings one other package', () => {
    const packages = readdirSync(path('node_modules'), { encoding: 'utf8' }).flatMap((name) =>
      name.startsWith('@') ? readdirSync(path(`node_modules/${name}`)).map((own) => `${name}/${own}`) : name,
    );
    expect(packages.filter((name) => !name.startsWith('.')).sort()).toEqual(['@bkend/mcp-gateway', 'jose']);
  });

  it('has the version of the server, and depends on the same jose', () => {
    const own = JSON.parse(readFileSync('package.json', 'utf8'));
    const { version, dependencies } = manifestOf('@bkend/mcp-gateway');
    expect([version, own.dependencies['@bkend/mcp-gateway']]).toEqual([own.version, own.version]);
    expect(dependencies).toEqual({ jose: own.dependencies.jose });
  });

  it('brings its README and its licence, and nothing that is not compiled', () => {
    const brought = readdirSync(path('node_modules/@bkend/mcp-gateway')).sort();
    expect(brought).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
  });

  it('says who asks, on every Node that is here', async () => {
    const program = `import { followRevocations, hasScope, protectResource } from '@bkend/mcp-gateway';
      import { coversScope } from '@bkend/mcp-gateway/vocabulary';
      let said;
      ${await createProgram()}
      process.stdout.write(said + ' ' + coversScope('*:*', 'read'));`;
    for (const { command, version } of await findNodes()) {
      const { stdout, stderr } = await run(command, ['--input-type=module', '--eval', program], inProject());
      expect({ version, stdout, stderr }).toEqual({ version, stdout: `${expected} false`, stderr: '' });
    }
  });

  it('says it where there is no Node, but only what the web has', async () => {
    writeFileSync(path('web-runtime.mjs'), webRuntime);
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'web-runtime.mjs'];
    const program = `import { followRevocations, hasScope, protectResource } from '@bkend/mcp-gateway';
      ${await createProgram()}`;
    const { stdout } = await run(process.execPath, [...flags, program], inProject());
    expect(stdout).toBe(expected);
  });

  it('declares its types', async () => {
    const program = `
      import { followRevocations, type Identity, protectResource, type Revocation } from '@bkend/mcp-gateway';
      import { coversScope, findCanonicalResource } from '@bkend/mcp-gateway/vocabulary';
      export const protection = protectResource({ issuer: 'https://a.example', resource: 'https://b.example', scopes: [] });
      export const revocations = followRevocations({ issuer: 'https://a.example', clientId: 'a', clientSecret: 'b' });
      export const known: [boolean, string | undefined] = [coversScope('*:*', 'a:b'), findCanonicalResource('')];
      export type Who = [Identity['accountId'], Revocation['until']];
    `;
    writeFileSync(path('use.ts'), program);
    const flags = '--ignoreConfig --noEmit --strict --module nodenext --target es2023 --types node'.split(' ');
    const types = ['--typeRoots', resolve('node_modules/@types')];
    const compiled = run(resolve('node_modules/.bin/tsc'), [...flags, ...types, 'use.ts'], inProject());
    expect(await compiled.catch((error) => error)).toMatchObject({ stdout: '' });
  });
});

/** Runs its argument as a module with the globals that fetch runtimes share; whoever imports from Node finds nothing. */
const webRuntime = `
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, SourceTextModule } from 'node:vm';

const names = ['fetch', 'Request', 'Response', 'Headers', 'URL', 'URLSearchParams', 'AbortController', 'AbortSignal',
  'TextEncoder', 'TextDecoder', 'ReadableStream', 'crypto', 'CryptoKey', 'btoa', 'atob', 'structuredClone', 'queueMicrotask',
  'clearTimeout', 'performance', 'DOMException', 'Event', 'EventTarget',
  // One realm for all bytes, or jose would not take those of another one for bytes.
  'Uint8Array', 'ArrayBuffer', 'Object', 'Error'];
// As everywhere but in Node, a timer is a number.
const timers = new Map();
const web = { said: undefined, ...Object.fromEntries(names.map((name) => [name, globalThis[name]])) };
web.setTimeout = (...given) => { const timer = setTimeout(...given); timers.set(Number(timer), timer); return Number(timer); };
web.clearTimeout = (timer) => clearTimeout(timers.get(timer));
const context = createContext(web);
const modules = new Map();

function load(url) {
  if (!url.startsWith('file:')) throw new Error('there is no ' + url);
  if (!modules.has(url)) {
    modules.set(url, new SourceTextModule(readFileSync(fileURLToPath(url), 'utf8'), { identifier: url, context }));
  }
  return modules.get(url);
}
const find = (name, { identifier }) =>
  load(name.startsWith('.') ? new URL(name, identifier).href : import.meta.resolve(name));
const main = new SourceTextModule(process.argv[2], { identifier: import.meta.url, context });
await main.link(find);
await main.evaluate();
process.stdout.write(String(web.said));
`;
