import { findConfiguredClientMistakes } from './clients/index.ts';
import {
  type Config,
  type Judges,
  loadConfig as load,
  loadConfigFromProcess as loadFromProcess,
} from './config/index.ts';
import { findKeyMistakes } from './keys/index.ts';

const judges: Judges = { client: findConfiguredClientMistakes, signingKeys: findKeyMistakes };

/** The configuration under all its rules: those of `config`, and what other rooms say of the clients and keys in it. */
export function loadConfig(...[variables, readFile]: Parameters<typeof load>): Config {
  return load(variables, readFile, judges);
}

/** The same, of this process. */
export function loadConfigFromProcess(): Config {
  return loadFromProcess(judges);
}
