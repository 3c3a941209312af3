#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { runAccounts } from './accounts.ts';

await runAccounts(process.argv.slice(2));
