import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the tests start for real, and the Debian package it comes in. */
const requirements = [
  { commands: ['redis-server'], package: 'redis-server', why: 'the production store' },
  { commands: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium', why: 'the browser of the pages' },
  { commands: ['nginx'], package: 'nginx', why: 'the proxy in front of any MCP server' },
  { commands: ['caddy'], package: 'caddy', why: 'another such proxy' },
];

const isOnPath = (command: string) =>
  // Debian keeps daemons where only root looks for them.
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const missing = requirements.filter(({ commands }) => !commands.some(isOnPath));
if (missing.length > 0) obtain(missing);

function obtain(wanted: typeof requirements) {
  const packages = wanted.map((each) => each.package);
  const command = `apt-get install --yes ${packages.join(' ')}`;
  for (const { package: name, why } of wanted) process.stdout.write(`missing: ${name} (${why})\n`);
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) {
    process.stderr.write(`The tests need them. On Debian or Ubuntu: sudo ${command}\n`);
    process.exit(1);
  }
  process.stdout.write(`installing: ${command}\n`);
  const quietly = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] };
  execFileSync('apt-get', ['update', '--quiet'], quietly);
  execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], {
    ...quietly,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
