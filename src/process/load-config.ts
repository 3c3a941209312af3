import { loadEnvFile } from 'node:process';
import { type Config, loadConfigFromProcess } from '../config/index.ts';

/** The configuration of this process. A variable that is set already is stronger than its line in `.env`. */
export function loadConfigWithEnvFile(): Config {
  try {
    loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return loadConfigFromProcess();
}
