import { type Config, ConfigError, type Issue } from '../config/index.ts';
import { StoreUnavailable } from '../storage/index.ts';

/** What the operator reads who has to put it right: sentences that name the setting; a stack only where nobody foresaw it. */
export function explainStartError(error: Error & { code?: string }, config?: Config): string {
  if (error instanceof StoreUnavailable && config) return new ConfigError([findStoreIssue(error, config)]).message;
  const port = findPortIssue(error);
  if (port) return new ConfigError([port]).message;
  const expected = error instanceof ConfigError || error.code !== undefined;
  return expected ? error.message : String(error.stack);
}

function findPortIssue({ code, port }: NodeJS.ErrnoException & { readonly port?: number }): Issue | undefined {
  const reason = portReasons[code ?? ''];
  return reason === undefined
    ? undefined
    : { where: 'PORT', sentence: `(or METRICS_PORT) cannot be had: ${port} ${reason}` };
}

const portReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may be listened on by root only',
  EADDRNOTAVAIL: 'is to be listened on at an address that this machine does not have, see HOST',
};

const settings = { single: 'REDIS_URL', cluster: 'REDIS_CLUSTER_NODES', sentinel: 'REDIS_SENTINELS' } as const;

function findStoreIssue({ cause }: StoreUnavailable, { store }: Config): Issue {
  const where = store.kind === 'sqlite' ? 'DATABASE' : settings[store.connection.kind];
  return { where, sentence: `names a store that cannot be used: ${reasonOf(cause)}` };
}

// A host with several addresses fails with one error for all of them, whose message is empty (Node 24).
function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException;
  return message || code || 'it does not answer';
}
