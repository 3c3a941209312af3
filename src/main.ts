#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { createAuthorizationServer } from './app.ts';
import { runServer } from './process/index.ts';

await runServer(createAuthorizationServer);
