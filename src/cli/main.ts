#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import './required-node.ts';

// Only now: an older one cannot even load it.
const { runAccounts } = await import('./accounts.ts');
await runAccounts(process.argv.slice(2));
