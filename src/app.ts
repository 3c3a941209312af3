import Provider from 'oidc-provider';
import { createAdapter, createRequestReads } from './adapter/index.ts';
import { completeConfiguredClient, createClientDocuments, withoutScope } from './clients/index.ts';
import { systemClock } from './clock.ts';
import { createDomain } from './composition.ts';
import type { Config } from './config/index.ts';
import { createIsCurrent, createRevocationFeed } from './connections/index.ts';
import { connectConsole, signInParts } from './console-composition.ts';
import { seedDemonstration } from './directory/index.ts';
import { createEndpoints } from './endpoints.ts';
import { createPageParts, createRouteTable, createTrustedProxies, mountBehind, serveEndpoints } from './http/index.ts';
import { createErrorHandler, createShowError, createSignOutPages } from './interactions/index.ts';
import { createOwnKeySet, loadCookieKeys, loadSigningKeys } from './keys/index.ts';
import { createOffers } from './offered-scopes.ts';
import {
  assignReference,
  createEvents,
  createLog,
  createMetrics,
  createReports,
  createServeReady,
  reportProviderEvents,
  reportRevocations,
  serveAlive,
} from './operations/index.ts';
import type { AuthorizationServer, Parts, Plugin } from './plugin.ts';
import {
  adjustProvider,
  connectionTtl,
  createConfiguration,
  createFindAccount,
  createIssuance,
  createIssueAccessToken,
  createMemberships,
  createReadOwnAccessToken,
  forwardAuthPaths,
  mergeConfiguration,
  refreshTokenTtl,
} from './provider/index.ts';
import { createCatalogue, createKnowsRole, createRoles } from './resources/index.ts';
import { createSessions } from './sessions/index.ts';
import { createSignInLimit, createSubmitSignIn } from './sign-in/index.ts';

export type { AuthorizationServer, Parts, Plugin } from './plugin.ts';

/** The whole service: a provider of its own, with the plugin in it, and what an operator watches it by. */
export async function createAuthorizationServer(config: Config, parts: Parts = {}): Promise<AuthorizationServer> {
  const plugin = await createPlugin(config, parts);
  const app = new Provider(plugin.issuer, plugin.configuration());
  const metrics = createMetrics(app, plugin.events);
  app.use(metrics.measure);
  app.use(
    serveEndpoints([
      { name: 'health', path: '/healthz', methods: ['GET'], handler: serveAlive },
      { name: 'health', path: '/readyz', methods: ['GET'], handler: createServeReady(plugin.ping) },
      { name: 'metrics', path: '/metrics', methods: ['GET'], handler: metrics.serve },
    ]),
  );
  const installed = plugin.install(app);
  return {
    issuer: plugin.issuer,
    app,
    directory: plugin.directory,
    log: plugin.log,
    resources: plugin.resources,
    endings: plugin.revocation,
    revocationFeed: plugin.revocation.feed,
    callback: () => app.callback(),
    middleware: () => mountBehind(app.callback(), plugin.issuer, installed),
    ping: plugin.ping,
    async close() {
      metrics.close();
      await plugin.close();
    },
  };
}

export async function createPlugin(config: Config, parts: Parts = {}): Promise<Plugin> {
  const { policy } = config;
  const { lifetimes } = policy;
  const issuer = config.issuer ?? `http://localhost:${config.port}/mcp`;
  const clock = parts.clock ?? systemClock;
  const log = parts.log ?? createLog(config.logLevel);
  const events = createEvents(log);

  const domain = await createDomain(config, {
    clock,
    store: parts.store,
    passwords: parts.passwords,
    onStoreError: (err) => events.emit({ event: 'store', err }),
    onEnded: reportRevocations(events),
  });
  const { storage, revocations, registrations, connections, cutoff, endings, localDirectory } = domain;
  const { store, names, vault } = storage;
  const [signing, cookieKeys] = await Promise.all([
    loadSigningKeys(storage, config.signingKeysFile),
    loadCookieKeys(storage, config.cookieKeys),
  ]);
  const proxies = createTrustedProxies(config.trustedProxies);
  const { directory: own } = parts;
  const console = connectConsole({ ...domain, ...storage, ...proxies, issuer, policy, clock, events, signing, own });
  const directory = own ?? console?.directory ?? localDirectory;
  if (directory === localDirectory && config.demo) await seedDemonstration(localDirectory);
  const catalogue = createCatalogue(policy.resources, issuer);
  const narrowToRole = createRoles(policy.roles);
  const offers = createOffers(policy, catalogue);
  const feed = createRevocationFeed(storage);

  // What all endpoints and pages are made with.
  const limit = createSignInLimit({ store, names, hash: vault.hash }, policy.signIn);
  const shared = {
    ...domain,
    ...storage,
    ...proxies,
    ...createPageParts({ issuer, brand: policy.brand, derive: vault.derive, signIn: console?.signIn }),
    issuer,
    policy,
    clock,
    events,
    signing,
    cookieKeys,
    catalogue,
    narrowToRole,
    knowsRole: createKnowsRole(policy.roles),
    ...createReports(events),
    directory,
    feed,
    isCurrent: createIsCurrent({ connections, directory, narrowToRole, ...offers }),
    ...signInParts(console, lifetimes),
    submitSignIn: createSubmitSignIn({ directory, limit, ...proxies, events }),
    readOwnAccessToken: createReadOwnAccessToken({ issuer, signing, catalogue, revocations, clock }),
    connectionTtl: connectionTtl(lifetimes),
    accessTokenTtl: lifetimes.accessToken,
    ownKeys: createOwnKeySet(signing),
  };

  // oidc-provider, told our decisions.
  const reach = { network: parts.network, proxy: config.egressProxy };
  const documents = createClientDocuments({ ...storage, ...reach, policy: policy.clientDocuments, events, clock });
  const reads = createRequestReads(store);
  const stored = directory === localDirectory ? localDirectory : undefined;
  const memberships = createMemberships({ directory, reads, stored });
  const records = createAdapter({
    ...storage,
    registrations,
    connections,
    reads,
    alsoRead: memberships.recordsOf,
    documents,
    clients: policy.clients
      .map((client) => withoutScope(client, (id) => events.emit({ event: 'client.scope', client: id })))
      .map(completeConfiguredClient),
    refreshGrace: lifetimes.refreshGrace,
    refreshTokenTtl: (line) => refreshTokenTtl(lifetimes, line, clock.seconds()),
  });
  const issuance = createIssuance({
    ...shared,
    memberships,
    issueAccessToken: createIssueAccessToken(shared),
    findAccount: createFindAccount(shared),
  });
  const ours = createConfiguration({
    ...shared,
    adapter: records.adapter,
    documents,
    hasSignedOut: cutoff.hasEnded,
    pages: { showError: createShowError(shared), ...createSignOutPages(shared) },
  });
  const paths = { ...shared.paths, ...forwardAuthPaths(issuer) };

  return {
    issuer,
    directory,
    log,
    resources: catalogue.resources.map(({ uri }) => uri),
    events,
    configuration(yours = {}) {
      offers.addClients((yours.clients ?? []).map(({ client_id: id }) => id));
      return mergeConfiguration(yours, ours);
    },
    install(provider) {
      adjustProvider(provider, { ...shared, ...records, issuance });
      reportProviderEvents(provider, events);
      const sessions = createSessions({ ...shared, provider });
      provider.use(assignReference);
      provider.use(createErrorHandler(shared));
      const table = createRouteTable(createEndpoints({ ...shared, paths, provider, sessions }));
      provider.use(table.serve);
      return table;
    },
    revocation: { ...endings, feed },
    ping: () => store.ping(),
    async close() {
      feed.close();
      await console?.close();
      if (!parts.store) await store.close();
    },
  };
}
