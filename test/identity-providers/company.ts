import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { exportJWK, generateKeyPair } from 'jose';
import { childEnvironment } from '../support/child-environment.ts';
import { firstMessage, stop } from '../support/child-output.ts';
import { freePort } from '../support/redis.ts';

export interface CompanyPerson {
  readonly sub: string;
  readonly claims: Record<string, unknown>;
  readonly amr?: readonly string[];
  readonly acr?: string;
}

export const secret = 'a secret that only the company may know';

/** Ada works there, and is in two groups; Mallory has typed in an address that nobody looked at. */
export const companyPeople: Record<string, CompanyPerson> = {
  ada: {
    sub: 'c-1',
    claims: { email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace', groups: ['mcp-admins', 'staff'] },
    amr: ['pwd', 'otp'],
    acr: 'urn:mfa',
  },
  grace: {
    sub: 'c-2',
    claims: { email: 'grace@example.com', email_verified: true, name: 'Grace Hopper', groups: ['staff'] },
    amr: ['pwd'],
    acr: 'urn:pwd',
  },
  mallory: {
    sub: 'c-666',
    claims: { email: 'demo@example.com', email_verified: false, name: 'Mallory', groups: [] },
  },
};

interface Options {
  readonly id?: string;
  readonly pushes?: boolean;
  readonly client?: Record<string, unknown>;
}

/** The provider of test/identity-providers/company-provider.ts, as a process beside the server at this issuer. */
export async function startCompany(
  serverIssuer: string,
  { id = 'company', pushes = true, client: more = {} }: Options = {},
) {
  const issuer = `http://localhost:${await freePort()}`;
  const here = `${serverIssuer}/oauth/identity-providers/${id}`;
  const client = {
    client_id: 'mcp-auth',
    client_secret: secret,
    redirect_uris: [`${here}/callback`],
    post_logout_redirect_uris: [`${here}/signed-out`],
    backchannel_logout_uri: `${here}/backchannel-logout`,
    backchannel_logout_session_required: true,
    ...more,
  };
  const COMPANY = JSON.stringify({ issuer, client, parts: { pushes } });
  const env = { ...childEnvironment, COMPANY, COMPANY_KEYS: JSON.stringify(await makeKeys()) };
  const program = ['--disable-warning=ExperimentalWarning', 'test/identity-providers/company-provider.ts'];
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await firstMessage(child);
  const tell = async (people: Record<string, CompanyPerson>) => {
    child.send({ people });
    await once(child, 'message');
  };
  await tell(companyPeople);
  const close = () => stop(child);
  /** `client`: what our server is there. */
  return { issuer, client: client as Record<string, unknown>, tell, close };
}

export type Company = Awaited<ReturnType<typeof startCompany>>;

async function makeKeys() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { keys: [{ ...(await exportJWK(privateKey)), kid: 'company-1', alg: 'RS256', use: 'sig' }] };
}
