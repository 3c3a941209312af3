import type { Config } from '../config/index.ts';
import { compose } from './compose.ts';
import type { Parts, Plugin } from './plugin.ts';

/** What a host has of the whole: every name is a promise, so these and no others. */
export async function createPlugin(config: Config, parts: Parts = {}): Promise<Plugin> {
  const { issuer, directory, events, configuration, install, revocation, ping, close } = await compose(config, parts);
  return {
    issuer,
    configuration,
    install: (provider) => void install(provider),
    directory,
    revocation,
    events: { subscribe: events.subscribe },
    ping,
    close,
  };
}
