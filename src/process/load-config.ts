import { loadEnvFile } from 'node:process';
import { findConfiguredClientMistakes } from '../clients/index.ts';
import {
  type Config,
  type Judges,
  loadConfig as load,
  loadConfigFromProcess as loadFromProcess,
} from '../config/index.ts';
import { findKeyMistakes } from '../keys/index.ts';

const judges: Judges = { client: findConfiguredClientMistakes, signingKeys: findKeyMistakes };

/** The configuration under all its rules: those of `config`, and what other modules say of the clients and keys in it. */
export function loadConfig(...[variables, readFile]: Parameters<typeof load>): Config {
  return load(variables, readFile, judges);
}

/** The same, of this process. A variable that is set already is stronger than its line in `.env`. */
export function loadConfigFromProcess(): Config {
  try {
    loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return loadFromProcess(judges);
}
