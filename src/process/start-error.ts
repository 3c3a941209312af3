import { type Config, ConfigError, type Issue, settingOfStore } from '../config/index.ts';
import { StoreUnavailable } from '../storage/index.ts';

/** What the operator reads who has to put it right: sentences that name the setting; a stack only where nobody foresaw it. */
export function explainStartError(error: Error & { code?: string }, config?: Config): string {
  if (error instanceof StoreUnavailable && config) return new ConfigError([findStoreIssue(error, config)]).message;
  const reason = portReasons[error.code ?? ''];
  if (reason !== undefined) return `This server cannot start: ${error.code}, ${reason} ${addressOf(error)}`;
  const expected = error instanceof ConfigError || error.code !== undefined;
  return expected ? error.message : String(error.stack);
}

const portReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens on',
  EACCES: 'only root may listen on',
  EADDRNOTAVAIL: 'this machine (HOST) has no',
  ENOTFOUND: 'HOST names no machine:',
  EAI_AGAIN: 'HOST names no machine that can be found now:',
};

interface ListenError {
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

function addressOf(error: Error): string {
  const { address, hostname, port } = error as NodeJS.ErrnoException & ListenError;
  return [address ?? hostname, port].filter((part) => part !== undefined).join(':');
}

function findStoreIssue({ cause }: StoreUnavailable, { store }: Config): Issue {
  return { where: settingOfStore(store), sentence: `names a store that cannot be used: ${reasonOf(cause)}` };
}

// A host with several addresses fails with one error for all of them, whose message is empty (Node 24).
function reasonOf(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException;
  return message || code || 'it does not answer';
}
