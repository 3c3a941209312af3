#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { createAuthorizationServer } from './app.ts';
import { checkConsole } from './cli/index.ts';
import { runServer } from './process/index.ts';

const [command, ...words] = process.argv.slice(2);
if (command === 'check-console') await checkConsole(words);
else await runServer(createAuthorizationServer);
