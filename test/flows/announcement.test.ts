import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startProcess, temporaryFolder } from '../support/process.ts';

/** What it says until it has stopped. */
async function saidWith(env: Record<string, string>) {
  await using folder = await temporaryFolder();
  const server = startProcess(folder.path, { PORT: '0', ...env });
  const start = await server.logged('start');
  server.signal('SIGTERM');
  await server.exit;
  return { start, stdout: server.output.stdout };
}

const ofTheExample = { CONFIG_FILE: resolve('examples/mcp-server/auth.json') };

describe('a process that has started says where tools belong', () => {
  it('to the demonstration, where there is one', async () => {
    const { start, stdout } = await saidWith({});
    expect(stdout).toContain(`Give your AI tool this URL:  ${start.issuer}\n`);
  });

  it('to the MCP servers of its policy, where the demonstration is none of them', async () => {
    const { start, stdout } = await saidWith(ofTheExample);
    expect(stdout).toContain('Give your AI tool the URL of your MCP server:\n    http://localhost:3001/mcp\n');
    expect(stdout).not.toContain(`URL:  ${start.issuer}`);
  });

  it('in its log alone, without demonstration', async () => {
    const { start, stdout } = await saidWith({ ...ofTheExample, DEMO: '0' });
    expect(start.resources).toEqual(['http://localhost:3001/mcp']);
    expect(stdout).not.toContain('Give your AI tool');
  });
});
