import { type Config, findMissingWords } from '../config/index.ts';
import { explainStartError, loadConfigWithEnvFile } from '../process/index.ts';

/** `bkend-mcp-auth config check`: what keeps the server from starting, and what it would say in the wrong language. */
export function checkConfig(): void {
  let config: Config | undefined;
  try {
    config = loadConfigWithEnvFile();
    const missing = findMissingWords(config.policy).map(({ where, sentence }) => `  ${where}  ${sentence}`);
    const result = missing.length === 0 ? 'nothing is missing' : 'the server can start; words are missing:';
    process.stdout.write(`${[`${config.policyFile}: ${result}`, ...missing].join('\n')}\n`);
    process.exitCode = missing.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${explainStartError(error as Error, config).trimEnd()}\n`);
    process.exitCode = 2;
  }
}
