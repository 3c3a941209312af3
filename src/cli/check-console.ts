import { createSign, issuerOf, openStorageContext } from '../composition/index.ts';
import type { Config } from '../config/index.ts';
import { runCheckConsole } from '../console/index.ts';
import { loadSigningKeys } from '../keys/index.ts';
import { explainStartError, loadConfigWithEnvFile } from '../process/index.ts';

/** `bkend-mcp-auth check-console URL …`: as the server that is configured here, with its keys, so that the console can tell. */
export async function checkConsole(words: readonly string[]): Promise<void> {
  let config: Config | undefined;
  try {
    config = loadConfigWithEnvFile();
    const { exitCode, text } = await check(words, config);
    process.stdout.write(`${text}\n`);
    process.exitCode = exitCode;
  } catch (error) {
    process.stderr.write(`${explainStartError(error as Error, config).trimEnd()}\n`);
    process.exitCode = 2;
  }
}

async function check(words: readonly string[], config: Config) {
  const storage = await openStorageContext(config, () => undefined);
  try {
    const signing = await loadSigningKeys(storage, config.signingKeysFile);
    const issuer = issuerOf(config);
    return await runCheckConsole(words, { issuer, sign: createSign(signing) });
  } finally {
    await storage.store.close();
  }
}
