import Provider from 'oidc-provider';
import { createAccountRoutes } from './account/index.ts';
import { createClientDocuments } from './clients/index.ts';
import { createDomain } from './composition.ts';
import type { Config } from './config/index.ts';
import { createRevocationFeed } from './connections/index.ts';
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
  cookieProtection,
  createAdjustments,
  createConfiguration,
  createHostAdapter,
  createIssuance,
  createReadOwnAccessToken,
  createRoutes,
  echoOfflineAccess,
  endRemovedClient,
  endTokens,
  explainReuse,
  forwardAuthPaths,
  mergeConfiguration,
  normaliseAuthorizationRequest,
  openPaths,
  revocationFeedPath,
  serveMetadata,
  serveUserinfo,
  understandClients,
} from './provider/index.ts';
import { createCatalogue, createRoles } from './resources/index.ts';

export type { AdjustmentName, AuthorizationServer, MiddlewareName, Parts, Plugin } from './plugin.ts';

export async function createAuthorizationServer(config: Config, parts: Parts = {}): Promise<AuthorizationServer> {
  const plugin = await createPlugin(config, parts);
  const app = new Provider(plugin.issuer, plugin.configuration());
  const metrics = createMetrics(app, endpointsOf(plugin.issuer));
  app.use(metrics.measure);
  plugin.install(app);
  app.use(serveHealth(() => plugin.store.ping()));
  app.use(metrics.serve);
  return {
    issuer: plugin.issuer,
    app,
    directory: plugin.directory,
    log: plugin.log,
    endings: plugin.endings,
    revocationFeed: plugin.revocationFeed,
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
  const onStoreError = (err: Error) => events.emit({ event: 'store', err });
  const onRevoked = reportRevocations(events);
  const domain = await createDomain(config, { store: parts.store, onStoreError, onRevoked });
  const { ring, revocations, connections, signOuts, endings, localDirectory } = domain;
  const { store, keys, secrecy } = ring;
  const [signing, cookieKeys] = await Promise.all([
    loadSigningKeys(ring, config.signingKeysFile),
    loadCookieKeys(ring, config.cookieKeys),
  ]);

  const catalogue = createCatalogue(policy.resources, issuer);
  const narrowToRole = createRoles(policy.roles);
  const feed = createRevocationFeed(ring);
  if (!parts.directory && config.demo) await seedDemonstration(localDirectory);
  const directory = parts.directory ?? localDirectory;
  const storage = { store, keys, hash: secrecy.hash };
  const signIn = createSignIn({ directory, limit: createSignInLimit(storage, policy.signIn) });

  const stylesheet = createStylesheet(policy.brand);
  const pageParts = { policy, render: createRenderer(), stylesheetPath: stylesheet.path, log };
  const pages = { showError: createShowError(pageParts), ...createSignOutPages(pageParts) };
  const issuance = createIssuance({ catalogue, connections, directory });
  const rooms = {
    ...ring,
    ...pageParts,
    issuer,
    signing,
    cookieKeys,
    catalogue,
    narrowToRole,
    connections,
    issuance,
    directory,
    revocations,
    signOuts,
    ...signOuts,
  };
  const documents = createClientDocuments({ ...ring, policy: policy.clientDocuments, network: parts.network, log });
  const ours = createConfiguration({
    ...rooms,
    pages,
    documents,
    onRevoked,
    onClientNormalised: (what) => events.emit({ event: 'registration.normalised', ...what }),
    onScopeIgnored: (client) => events.emit({ event: 'client.scope', client }),
  });
  const clientAddress = createClientAddress(config.trustedProxies);
  const routes = createRoutes(issuer);
  const readOwnAccessToken = createReadOwnAccessToken(rooms);

  const forwardAuth = authenticateForProxies({
    ...rooms,
    paths: forwardAuthPaths(issuer),
    ownKeys: createOwnKeySet(signing),
    isTrustedPeer: createIsTrustedPeer(config.trustedProxies),
    onMistake: (sentence) => events.emit({ event: 'forward-auth.mistake', sentence }),
    onRefusal: ({ code, message }) => events.emit({ event: 'forward-auth.refused', code, sentence: message }),
  });
  const logLines = (provider: Provider) => reportProviderEvents(provider, events, () => issuance.of()?.connection.id);
  const adjustments = { ...createAdjustments(rooms), logLines };
  const pagesFor = (provider: Provider) => ({ ...rooms, provider, signIn, clientAddress, cookieProtection });
  const middleware = (provider: Provider) => ({
    reference: assignReference,
    errors: explainErrors(pageParts),
    assets: serveAssets(stylesheet),
    crossOrigin: allowAnyOrigin(openPaths(issuer)),
    metadata: serveMetadata(issuer, catalogue),
    ...understandClients(routes, provider),
    removedClient: endRemovedClient({ issuer, provider, ...endings }),
    authorizationRequest: normaliseAuthorizationRequest(routes.authorization, catalogue),
    tokenAnswer: echoOfflineAccess(routes.token),
    reuse: explainReuse(routes.token),
    userinfo: serveUserinfo({ path: routes.userinfo, provider, directory, readOwnAccessToken }),
    ...endTokens({ ...rooms, provider, feed, readOwnAccessToken }),
    ...forwardAuth,
    interactions: createInteractionRoutes(pagesFor(provider)),
    account: createAccountRoutes(pagesFor(provider)),
  });

  return {
    issuer,
    store,
    directory,
    log,
    configuration: (yours = {}) => mergeConfiguration(yours, { ...ours, fetch: documents.createFetch(yours.fetch) }),
    adapter: createHostAdapter(rooms),
    adjustments,
    middleware,
    install(provider) {
      for (const adjust of Object.values(adjustments)) adjust(provider);
      for (const each of Object.values(middleware(provider))) provider.use(each);
    },
    endings,
    revocationFeed: feed,
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
