import Provider from 'oidc-provider';
import type { AuthorizationServer, Parts } from './composition/index.ts';
import { compose, createOperations } from './composition/index.ts';
import type { Config } from './config/index.ts';
import { mountBehind, serveEndpoints } from './http/index.ts';
import { createMetrics, createProbes } from './operations/index.ts';

/** The whole service: a provider of its own, with the plugin in it, and what an operator watches it by. */
export async function createAuthorizationServer(config: Config, parts: Parts = {}): Promise<AuthorizationServer> {
  const plugin = await compose(config, parts);
  const app = new Provider(plugin.issuer, plugin.configuration());
  const metrics = createMetrics(app, plugin);
  app.use(metrics.measure);
  app.use(serveEndpoints(createProbes(plugin.health)));
  const installed = plugin.install(app);
  return {
    issuer: plugin.issuer,
    app,
    directory: plugin.directory,
    log: plugin.log,
    events: plugin.events,
    resources: plugin.resources,
    revocation: plugin.revocation,
    callback: () => app.callback(),
    middleware: () => mountBehind(app.callback(), plugin.issuer, installed),
    ping: plugin.ping,
    operations: createOperations(plugin.health, metrics),
    health: plugin.health,
    async close() {
      metrics.close();
      await plugin.close();
    },
  };
}
