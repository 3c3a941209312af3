import Provider from 'oidc-provider';
import { createAccountRoutes } from './account/index.ts';
import { createAdapter, createRequestReads } from './adapter/index.ts';
import { completeConfiguredClient, createClientDocuments, withoutScope } from './clients/index.ts';
import { systemClock } from './clock.ts';
import { createDomain } from './composition.ts';
import type { Config } from './config/index.ts';
import { createIsCurrent, createRevocationFeed } from './connections/index.ts';
import { createSignIn, createSignInLimit, seedDemonstration } from './directory/index.ts';
import { authenticateForProxies } from './forward-auth/index.ts';
import {
  allowAnyOrigin,
  createClientAddress,
  createIsTrustedPeer,
  createRenderer,
  createStylesheet,
  serveAssets,
} from './http/index.ts';
import { createInteractionRoutes, createShowError, createSignOutPages, explainErrors } from './interactions/index.ts';
import { createOwnKeySet, loadCookieKeys, loadSigningKeys } from './keys/index.ts';
import {
  assignReference,
  createEvents,
  createLog,
  createMetrics,
  reportProviderEvents,
  reportRevocations,
  serveHealth,
} from './operations/index.ts';
import type { AuthorizationServer, Parts, Plugin } from './plugin.ts';
import {
  adjustProvider,
  connectionTtl,
  cookieProtection,
  createConfiguration,
  createFindAccount,
  createIssuance,
  createIssueAccessToken,
  createReadOwnAccessToken,
  createRoutes,
  forwardAuthPaths,
  mergeConfiguration,
  normaliseAuthorizationRequest,
  openPaths,
  refreshTokenTtl,
  revocationFeedPath,
  serveMetadata,
  serveUserinfo,
  tokenEndpoints,
  understandClients,
} from './provider/index.ts';
import { createCatalogue, createRoles } from './resources/index.ts';

export type { AuthorizationServer, Parts, Plugin } from './plugin.ts';

export async function createAuthorizationServer(config: Config, parts: Parts = {}): Promise<AuthorizationServer> {
  const plugin = await createPlugin(config, parts);
  const app = new Provider(plugin.issuer, plugin.configuration());
  const metrics = createMetrics(app, endpointsOf(plugin.issuer));
  app.use(metrics.measure);
  plugin.install(app);
  app.use(serveHealth(() => plugin.ping()));
  app.use(metrics.serve);
  return {
    issuer: plugin.issuer,
    app,
    directory: plugin.directory,
    log: plugin.log,
    endings: plugin.revocation,
    revocationFeed: plugin.revocation.feed,
    callback: () => app.callback(),
    async close() {
      metrics.close();
      await plugin.close();
    },
  };
}

export async function createPlugin(config: Config, parts: Parts = {}): Promise<Plugin> {
  const { policy } = config;
  const issuer = config.issuer ?? `http://localhost:${config.port}/mcp`;
  const log = parts.log ?? createLog(config.logLevel);

  const events = createEvents(log);
  const clock = systemClock;
  const domain = await createDomain(config, {
    clock,
    store: parts.store,
    onStoreError: (err) => events.emit({ event: 'store', err }),
    onEnded: reportRevocations(events),
  });
  const { ring, revocations, registrations, connections, signOuts, endings, localDirectory } = domain;
  const { store, keys, secrecy } = ring;
  const [signing, cookieKeys] = await Promise.all([
    loadSigningKeys(ring, config.signingKeysFile),
    loadCookieKeys(ring, config.cookieKeys),
  ]);

  const { lifetimes } = policy;
  const catalogue = createCatalogue(policy.resources, issuer);
  const narrowToRole = createRoles(policy.roles);
  const feed = createRevocationFeed(ring);
  const reads = createRequestReads(store);
  const storage = { store, keys, hash: secrecy.hash };
  if (!parts.directory && config.demo) await seedDemonstration(localDirectory);
  const directory = parts.directory ?? localDirectory;
  const signIn = createSignIn({ directory, limit: createSignInLimit(storage, policy.signIn) });

  const stylesheet = createStylesheet(policy.brand);
  const pageParts = { policy, render: createRenderer(), stylesheetPath: stylesheet.path, log };
  const pages = { showError: createShowError(pageParts), ...createSignOutPages(pageParts) };
  const documents = createClientDocuments({ ...ring, policy: policy.clientDocuments, network: parts.network, log });
  const records = createAdapter({
    ...ring,
    documents,
    reads,
    registrations,
    connections,
    clients: policy.clients.map((client) => withoutScope(client, warnOfScope)).map(completeConfiguredClient),
    refreshGrace: lifetimes.refreshGrace,
    refreshTokenTtl: (line) => refreshTokenTtl(lifetimes, line, clock.seconds()),
  });
  const isCurrent = createIsCurrent({ connections, directory, narrowToRole });
  const rooms = {
    isCurrent,
    ...ring,
    ...pageParts,
    issuer,
    signing,
    cookieKeys,
    catalogue,
    narrowToRole,
    connections,
    directory,
    revocations,
    signOuts,
    ...signOuts,
    connectionTtl: connectionTtl(lifetimes),
    accessTokenTtl: lifetimes.accessToken,
    clock,
  };
  const ours = createConfiguration({
    ...rooms,
    adapter: records.adapter,
    pages,
    documents,
    onClientNormalised: (what) => events.emit({ event: 'registration.normalised', ...what }),
  });
  const clientAddress = createClientAddress(config.trustedProxies);
  const routes = createRoutes(issuer);
  const readOwnAccessToken = createReadOwnAccessToken(rooms);
  const issuance = createIssuance({
    ...rooms,
    issueAccessToken: createIssueAccessToken(rooms),
    findAccount: createFindAccount(rooms),
  });

  const forwardAuth = authenticateForProxies({
    ...rooms,
    paths: forwardAuthPaths(issuer),
    ownKeys: createOwnKeySet(signing),
    isTrustedPeer: createIsTrustedPeer(config.trustedProxies),
    onMisconfigured: (sentence) => events.emit({ event: 'forward-auth.misconfigured', sentence }),
    onRefusal: ({ code, message }) => events.emit({ event: 'forward-auth.refused', code, sentence: message }),
  });
  const pagesFor = (provider: Provider) => ({ ...rooms, provider, signIn, clientAddress, cookieProtection });
  const middleware = (provider: Provider) => ({
    reference: assignReference,
    errors: explainErrors(pageParts),
    assets: serveAssets(stylesheet),
    crossOrigin: allowAnyOrigin(openPaths(issuer)),
    metadata: serveMetadata(issuer, catalogue),
    ...understandClients(routes, provider),
    authorizationRequest: normaliseAuthorizationRequest(routes.authorization, catalogue),
    userinfo: serveUserinfo({ ...rooms, path: routes.userinfo, readOwnAccessToken }),
    ...tokenEndpoints({ ...rooms, provider, feed, readOwnAccessToken }),
    ...forwardAuth,
    interactions: createInteractionRoutes(pagesFor(provider)),
    account: createAccountRoutes(pagesFor(provider)),
  });

  function warnOfScope(client: string): void {
    events.emit({ event: 'client.scope', client });
  }

  return {
    issuer,
    directory,
    log,
    configuration: (yours = {}) => mergeConfiguration(yours, ours),
    install(provider) {
      adjustProvider(provider, { ...rooms, ...records, issuance, registrations });
      reportProviderEvents(provider, events);
      for (const each of Object.values(middleware(provider))) provider.use(each);
    },
    revocation: { ...endings, feed },
    ping: () => store.ping(),
    close: async () => {
      feed.close();
      if (!parts.store) await store.close();
    },
  };
}

/** Ours beside the provider's, by the label that the metrics give them. */
function endpointsOf(issuer: string): Record<string, string> {
  const { verify, protectedResource } = forwardAuthPaths(issuer);
  const { userinfo } = createRoutes(issuer);
  const pages = { account: '/account', interaction: '/interaction', assets: '/assets' };
  return { feed: revocationFeedPath(issuer), verify, protectedResource, userinfo, ...pages };
}
