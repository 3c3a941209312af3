import type Provider from 'oidc-provider';
import type { Config } from '../config/index.ts';
import type { RouteTable } from '../http/index.ts';
import type { Events, Health, Log } from '../operations/index.ts';
import { mergeConfiguration } from '../provider/index.ts';
import { install } from './install.ts';
import type { Parts, Plugin } from './plugin.ts';
import { connectProtocol } from './protocol.ts';
import { connectServices, type Services } from './services.ts';

/** A plugin, and what the service around it needs besides. */
interface Composition extends Plugin {
  readonly log: Log;
  readonly events: Events;
  /** What it issues tokens for, each in its canonical spelling. */
  readonly resources: readonly string[];
  readonly health: Health;
  /** Returns where its endpoints are. */
  install(provider: Provider): RouteTable;
}

/** Everything put together, once, ready for a provider of the host's or of our own. */
export async function compose(config: Config, parts: Parts): Promise<Composition> {
  const services = await connectServices(config, parts);
  const protocol = connectProtocol(services);
  const { issuer, log, events, catalogue, revocation, feed, health, addClients, parameters } = services;
  return {
    issuer,
    log,
    events,
    health,
    ping: health.ping,
    directory: services.identity ? services.directory : (parts.directory ?? services.directory),
    resources: catalogue.resources.map(({ uri }) => uri),
    revocation: { ...revocation, feed },
    configuration(yours = {}) {
      addClients((yours.clients ?? []).map(({ client_id: id }) => id));
      parameters.add(yours.extraParams);
      return mergeConfiguration(yours, protocol.configuration);
    },
    install: (provider) => install(provider, services, protocol),
    close: () => close(services),
  };
}

async function close({ health, feed, closeWaysIn, closeStore }: Services): Promise<void> {
  health.close();
  feed.close();
  await closeWaysIn();
  await closeStore();
}
