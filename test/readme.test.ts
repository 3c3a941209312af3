import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { childEnvironment } from './support/child-environment.ts';
import { connect } from './support/connect.ts';
import { untilListening } from './support/eventually.ts';
import { freePort } from './support/redis.ts';

/** The programs of the README, run as they stand; only the name of the package leads to the sources. */
const readme = readFileSync('README.md', 'utf8');
const doors: Record<string, string> = {
  'bkend-mcp-auth': 'src/index.ts',
};
const running: ChildProcess[] = [];
let folder: string;

beforeAll(() => {
  // Inside the project, so that the other packages are found.
  mkdirSync('data', { recursive: true });
  folder = mkdtempSync(join('data', 'readme-'));
});
afterAll(() => {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, settings: Record<string, string>): Promise<void> {
  const block = new RegExp(`\`\`\`ts\\n(// ${name}\\n[\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (!block) throw new Error(`the README has no ${name}`);
  const program = block.replace(
    /from '(bkend-mcp-auth[^']*)'/g,
    (_all, door: string) => `from '${resolve(doors[door] ?? '')}'`,
  );
  writeFileSync(join(folder, name), program);
  const env = {
    ...childEnvironment,
    LOG_LEVEL: 'silent',
    DATABASE: ':memory:',
    STORE_SECRET: 'a secret that only tests may know',
    ...settings,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(folder, name)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.push(child);
  await untilListening(new URL(`http://localhost:${settings.PORT}`), child);
}

describe('the README', () => {
  it.each(['service.ts', 'plugin.ts'])('shows in %s a server to which a person connects a tool', async (name) => {
    const port = await freePort();
    const issuer = `http://localhost:${port}/mcp`;
    await run(name, { PORT: String(port), ISSUER: issuer });
    const { claims } = await connect({ issuer, origin: `http://localhost:${port}` });
    expect(claims).toMatchObject({ iss: issuer, org_slug: 'acme' });
  });

  it('shows in gateway.ts a gateway that leads to the sign-in page, and lets in who comes back', async () => {
    const port = await freePort();
    const issuer = `http://localhost:${port}/mcp`;
    await run('service.ts', { PORT: String(port), ISSUER: issuer });
    const gatewayPort = await freePort();
    await run('gateway.ts', { PORT: String(gatewayPort), ISSUER: issuer, RESOURCE: issuer });
    const gateway = `http://localhost:${gatewayPort}/mcp`;

    const refused = await fetch(gateway);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer resource_metadata=".*", scope="project:read"$/);

    const { accessToken, claims } = await connect(
      { issuer, origin: `http://localhost:${port}` },
      { request: { scope: 'project:read' } },
    );
    const welcome = await fetch(gateway, { headers: { Authorization: `Bearer ${accessToken}` } });
    expect(await welcome.text()).toBe(`${claims.sub} for acme, project:read\n`);
  });
});
