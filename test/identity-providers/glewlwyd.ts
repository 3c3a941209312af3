import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { exportJWK, generateKeyPair } from 'jose';
import { childEnvironment } from '../support/child-environment.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/redis.ts';

const program = '/usr/bin/glewlwyd';
/** What the package itself makes a database of. */
const tables = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';

/** Its own pages, which are a program of the browser. */
const pages = '/usr/share/glewlwyd/webapp';

/** `apt-get install glewlwyd`: an OpenID provider in C, which shares no line with anything here. */
export const hasGlewlwyd = [program, tables, pages].every((path) => existsSync(path));

/** A person has one more property than the package thinks of, and whoever comes has to have typed a password. */
const adjustments = `
UPDATE g_user_module_instance SET gumi_parameters =
  json_set(gumi_parameters, '$."data-format".verified', json('{"multiple":false,"read":true,"write":true}'));
UPDATE g_client_module_instance SET gcmi_parameters = json_set(gcmi_parameters,
  '$."data-format".post_logout_redirect_uris', json('{"multiple":true,"read":true,"write":true}'),
  '$."data-format".backchannel_logout_uri', json('{"multiple":false,"read":true,"write":true}'));
UPDATE g_scope SET gs_password_required = 1, gs_password_max_age = 0 WHERE gs_name = 'openid';
`;

const secret = 'glewlwyd-secret_1';

/** As a person is set up by its administrator; `verified` is a column of its own there. */
export interface GlewlwydPerson {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly verified: boolean;
}

/** Glewlwyd as a process with a database in a folder of its own, with one client: the server at this issuer. */
export async function startGlewlwyd(serverIssuer: string, id: string, people: readonly GlewlwydPerson[]) {
  const folder = mkdtempSync(join(tmpdir(), 'glewlwyd-'));
  const origin = `http://localhost:${await freePort()}`;
  const database = join(folder, 'db');
  {
    using db = new DatabaseSync(database);
    db.exec(readFileSync(tables, 'utf8') + adjustments);
  }
  const settings = join(folder, 'glewlwyd.conf');
  writeFileSync(settings, settingsOf(origin, database, copyPages(folder)));
  const child = spawn(program, ['--config-file', settings], { env: childEnvironment, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const close = async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually(() => answers(`${origin}/config`, child));
    await setUp(origin, `${serverIssuer}/oauth/identity-providers/${id}`, people);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    origin,
    /** As auth.json has it. */
    entry: {
      id,
      issuer: `${origin}/api/oidc`,
      client: { client_id: 'mcp-auth', client_secret: secret },
      scopes: ['openid'],
      // 2.7 says `JWT`.
      untypedLogoutTokens: true,
    },
    passwordOf: (username: string) => passwordOf({ username }),
    /** Does on its page what the page would do: says who it is, agrees, and goes on to where that leads. */
    async passes(page: URL, username: string): Promise<string> {
      const visitor = createVisitor(origin);
      await visitor.signIn(username, passwordOf({ username }));
      await visitor.agree('mcp-auth', ['openid']);
      return visitor.goOn(`${page.searchParams.get('callback_url')}&g_continue`);
    },
    close,
  };
}

/** Debian 12 ships their settings in a folder where the pages look for a file. */
function copyPages(folder: string): string {
  const copied = join(folder, 'webapp');
  cpSync(pages, copied, { recursive: true, dereference: true, filter: (source) => !source.includes('config.json') });
  const shipped = [join(pages, 'config.json', 'config.json'), join(pages, 'config.json')];
  copyFileSync(shipped.find((file) => existsSync(file)) ?? '', join(copied, 'config.json'));
  return copied;
}

/** What an administrator types in: the protocol, people, one client. */
async function setUp(origin: string, here: string, people: readonly GlewlwydPerson[]): Promise<void> {
  const administrator = createVisitor(origin);
  await administrator.signIn('admin', 'password'); // As the package makes it.
  const parameters = { ...protocol, iss: `${origin}/api/oidc`, ...(await makeKeys()) };
  await administrator.add('mod/plugin', {
    module: 'oidc',
    name: 'oidc',
    display_name: 'OIDC',
    order_rank: 0,
    parameters,
  });
  for (const { verified, ...person } of people)
    await administrator.add('user', {
      ...person,
      password: passwordOf(person),
      verified: verified ? '1' : '0',
      scope: ['openid'],
      enabled: true,
    });
  await administrator.add('client', {
    client_id: 'mcp-auth',
    name: 'The authorization server',
    confidential: true,
    client_secret: secret,
    password: secret,
    scope: ['openid'],
    redirect_uri: [`${here}/callback`],
    post_logout_redirect_uris: [`${here}/signed-out`],
    backchannel_logout_uri: `${here}/backchannel-logout`,
    authorization_type: ['code'],
    token_endpoint_auth_method: ['client_secret_basic'],
    enabled: true,
  });
}

const passwordOf = ({ username }: Pick<GlewlwydPerson, 'username'>) => `the password of ${username}`;

async function answers(url: string, { exitCode }: ChildProcess): Promise<boolean> {
  if (exitCode !== null) throw new Error(`glewlwyd ended with ${exitCode}`);
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Somebody with a session there. */
function createVisitor(origin: string) {
  let cookie = '';
  async function call(path: string, method: string, content?: object): Promise<Response> {
    const body = content && JSON.stringify(content);
    const headers = { cookie, 'content-type': 'application/json' };
    const response = await fetch(`${origin}/api/${path}`, { method, headers, ...(body && { body }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
  return {
    async signIn(username: string, password: string) {
      const response = await call('auth/', 'POST', { username, password });
      cookie = response.headers
        .getSetCookie()
        .map((each) => each.split(';')[0])
        .join('; ');
    },
    add: (what: string, content: object) => call(`${what}/`, 'POST', content),
    agree: (client: string, scopes: readonly string[]) =>
      call(`auth/grant/${client}`, 'PUT', { scope: scopes.join(' ') }),
    async goOn(url: string): Promise<string> {
      const response = await fetch(url, { headers: { cookie }, redirect: 'manual' });
      return response.headers.get('location') ?? '';
    },
  };
}

async function makeKeys() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'glewlwyd-1', alg: 'ES256', use: 'sig' };
  return { 'jwks-private': JSON.stringify({ keys: [key] }), 'default-kid': key.kid };
}

/** What it insists on, what it is to offer, and which column says that an email is verified. */
const protocol = {
  'jwt-type': 'ecdsa',
  'jwt-key-size': '256',
  'jwks-show': true,
  'access-token-duration': 3600,
  'refresh-token-duration': 3600,
  'refresh-token-rolling': true,
  'code-duration': 600,
  'session-cookie-name': 'GLEWLWYD2_OIDC_SESSION',
  'session-cookie-expiration': 3600,
  'session-management-allowed': true,
  'front-channel-logout-allowed': true,
  'back-channel-logout-allowed': true,
  'subject-type': 'public',
  'allow-non-oidc': false,
  'auth-type-code-enabled': true,
  'auth-type-code-revoke-replayed': true,
  'auth-type-refresh-enabled': true,
  'pkce-allowed': true,
  'pkce-required': true,
  'oauth-as-iss-id': true,
  'oauth-par-allowed': true,
  'oauth-par-duration': 90,
  'oauth-par-request_uri-prefix': 'urn:ietf:params:oauth:request_uri:',
  'name-claim': 'on-demand',
  'name-claim-scope': ['openid'],
  'email-claim': 'on-demand',
  'email-claim-scope': ['openid'],
  claims: [
    {
      name: 'email_verified',
      'user-property': 'verified',
      type: 'boolean',
      'boolean-value-true': '1',
      'boolean-value-false': '0',
      mandatory: true,
      scope: ['openid'],
    },
  ],
};

/** It does not start without names of certificates, also where it is to use none. */
function settingsOf(origin: string, database: string, webapp: string): string {
  return `
port=${new URL(origin).port}
bind_address="127.0.0.1"
external_url="${origin}"
login_url="login.html"
api_prefix="api"
allow_origin="*"
log_mode="console"
log_level="ERROR"
cookie_secure=0
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
use_secure_connection=false
secure_connection_key_file="/dev/null"
secure_connection_pem_file="/dev/null"
secure_connection_ca_file="/dev/null"
hash_algorithm="SHA512"
login_api_enabled=true
static_files_path="${webapp}"
static_files_mime_types = (
  { extension = ".html" mime_type = "text/html" },
  { extension = ".css" mime_type = "text/css" },
  { extension = ".js" mime_type = "application/javascript" },
  { extension = ".json" mime_type = "application/json" }
)
database = { type = "sqlite3" path = "${database}" }
`;
}
