import { loadEnvFile } from 'node:process';
import { type Config, ConfigError, loadConfigFromProcess } from '../config/index.ts';

/** The configuration of this process. A variable that is set already is stronger than its line in `.env`. */
export function loadConfigWithEnvFile(): Config {
  try {
    loadEnvFile();
  } catch (error) {
    // Of a folder Node 24 says that an argument is of the wrong type.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new ConfigError([{ where: '.env', sentence: 'is not a file that can be read' }]);
  }
  return loadConfigFromProcess();
}
