import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from './connect.ts';
import { eventually } from './eventually.ts';

/**
 * A program: types what the README of an example says, line by line, reads the URL that is to be given to a tool, and
 * connects one there, from the 401 to an answer of the MCP server. With the email of a person, and the origin of the console
 * where they sign in, if there is one.
 */
const [, , file = '', email = 'demo@example.com', console = ''] = process.argv;
const readme = readFileSync(file, 'utf8');
const [, block = ''] = /((?:^ {4}\S.*\n)+)/m.exec(readme) ?? [];
const [, url = ''] = /[Gg]ive `(http:\S+)` to your tool/.exec(readme) ?? [];

const said: string[] = [];
const commands = block.trim().split(/\n\s*/);
const answers = async () => {
  const places = [url, ...(console ? [console] : [])].map((place) => fetch(place));
  return Promise.all(places).then(Boolean, () => false);
};
for (const [line, command] of commands.entries()) {
  said[line] = '';
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said[line] += text;
    });
  // Whoever types waits until the program has said where it is; of the last one, that the tool's URL answers.
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}:\n${said.join('')}`);
    return line + 1 < commands.length ? said[line]?.includes('http://') === true : answers();
  });
}

const ask = (headers: Record<string, string>) =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'A tool', version: '1' } },
    }),
  });

const refused = await ask({});
const [, metadataUrl = ''] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
const metadata = (await (await fetch(metadataUrl)).json()) as { authorization_servers: string[]; resource: string };
const { authorization_servers: [issuer = ''] = [], resource } = metadata;
const { accessToken } = await connect(
  { issuer, origin: new URL(issuer).origin },
  { request: { resource }, actions: { email, console } },
);
const { status } = await ask({ Authorization: `Bearer ${accessToken}` });
process.stdout.write(JSON.stringify({ isSaid: said.join('').includes(url), refused: refused.status, status }));
process.exit(0);
