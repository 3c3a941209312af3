import { loadEnvFile } from 'node:process';
import { type Config, ConfigError, loadConfigFromProcess } from '../config/index.ts';

/** The configuration of this process. A variable that is set already is stronger than its line in `.env`. */
export function loadConfigWithEnvFile(): Config {
  try {
    loadEnvFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new ConfigError([{ where: '.env', sentence: `cannot be read (${code})` }]);
  }
  return loadConfigFromProcess();
}
