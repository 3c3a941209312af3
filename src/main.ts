#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 7)) {
  process.stderr.write(`This server needs Node.js 24.7 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

// Only now: an older one cannot even load them.
const { createAuthorizationServer } = await import('./app.ts');
const { checkConfig, checkConsole } = await import('./cli/index.ts');
const { runServer } = await import('./process/index.ts');

const [command, ...words] = process.argv.slice(2);
if (command === 'check-console') await checkConsole(words);
else if (command === 'config' && words[0] === 'check') checkConfig();
else await runServer(createAuthorizationServer);
