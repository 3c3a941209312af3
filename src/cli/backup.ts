import { resolve } from 'node:path';
import { backUpStore } from '../composition/index.ts';
import type { Config } from '../config/index.ts';

/** What has to be kept beside the copy, elsewhere: whoever has both has everything. */
function keysOf({ storeSecrets, signingKeysFile }: Config): string {
  const secret = storeSecrets ? 'STORE_SECRET' : 'the file store-secret beside the database';
  return signingKeysFile ? `${secret} and ${signingKeysFile}` : secret;
}

/** Beside a running server, whose work it does not hold up. */
export async function backUpTo(file: string, config: Config): Promise<string> {
  const to = resolve(file);
  const { bytes, records } = await backUpStore(config.store, to);
  return (
    `${to} is a copy of ${config.store.kind === 'sqlite' ? config.store.file : ''}: ` +
    `${records.toLocaleString('en-GB')} records, ${bytes.toLocaleString('en-GB')} bytes, for you only.\n` +
    `It is worth nothing without ${keysOf(config)}: keep that too, elsewhere.`
  );
}
