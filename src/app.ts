import Provider from 'oidc-provider';
import { createAccountRoutes } from './account/index.ts';
import { createClientDocuments } from './clients/index.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/index.ts';
import {
  createConnections,
  createEndings,
  createRevocationFeed,
  createRevocations,
  tellOfEndings,
} from './connections/index.ts';
import { createLocalDirectory, seedDemonstration } from './directory/index.ts';
import { authenticateForProxies } from './forward-auth/index.ts';
import { allowAnyOrigin, createPageParts, createTrustedProxies, serveAssets } from './http/index.ts';
import {
  createErrorHandler,
  createInteractionRoutes,
  createShowError,
  createSignOutPages,
} from './interactions/index.ts';
import { createOwnKeySet, loadCookieKeys, loadSigningKeys } from './keys/index.ts';
import {
  assignReference,
  createLog,
  createMetrics,
  logProviderEvents,
  logRevocations,
  serveHealth,
} from './operations/index.ts';
import type { AuthorizationServer, Parts, Plugin } from './plugin.ts';
import {
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
  serveMetadata,
  serveUserinfo,
  understandClients,
} from './provider/index.ts';
import { createCatalogue, createRoles } from './resources/index.ts';
import { createSessionCutoff, createSessions } from './sessions/index.ts';
import { createSignInLimit, createSubmitSignIn } from './sign-in/index.ts';
import { openStoreRing } from './store-ring.ts';

export type { AdjustmentName, AuthorizationServer, MiddlewareName, Parts, Plugin } from './plugin.ts';

export async function createAuthorizationServer(config: Config, parts: Parts = {}): Promise<AuthorizationServer> {
  const plugin = await createPlugin(config, parts);
  const app = new Provider(plugin.issuer, plugin.configuration());
  const metrics = createMetrics(app);
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

  const ring = await openStoreRing(config, (err) => log.warn({ event: 'store', err }, 'store lost'), parts.store);
  const { store, keys, secrecy } = ring;
  const [signing, cookieKeys] = await Promise.all([
    loadSigningKeys(ring, config.signingKeysFile),
    loadCookieKeys(ring, config.cookieKeys),
  ]);

  const catalogue = createCatalogue(policy.resources, issuer);
  const narrowToRole = createRoles(policy.roles);
  const revocations = createRevocations({ ...ring, accessTokenTtl: policy.lifetimes.accessToken });
  const feed = createRevocationFeed(ring);
  const onRevoked = logRevocations(log);
  const connections = createConnections({
    ...ring,
    revocations,
    onRevoked,
    onChanged: revocations.connectionChanged,
    refreshTokenTtl: policy.lifetimes.refreshToken,
  });
  const cutoff = createSessionCutoff(ring);
  const endsWithPassword = policy.signIn.passwordChangeEndsConnections ? cutoff.endEverywhere : undefined;
  const endings = createEndings({ connections, revocations, signOutEverywhere: endsWithPassword });
  const storage = { store, keys, hash: secrecy.hash };
  const directory = parts.directory ?? tellOfEndings(await openLocalDirectory(storage, config.demo), endings);
  const proxies = createTrustedProxies(config.trustedProxies);

  const { stylesheet, ...pageParts } = createPageParts({ issuer, brand: policy.brand, derive: secrecy.derive });
  const issuance = createIssuance({ catalogue, connections, directory });
  const rooms = {
    ...ring,
    ...pageParts,
    policy,
    log,
    clock: systemClock,
    issuer,
    signing,
    cookieKeys,
    catalogue,
    narrowToRole,
    connections,
    issuance,
    directory,
    revocations,
    hasSignedOut: cutoff.hasEnded,
    cutoff,
    submitSignIn: createSubmitSignIn({ directory, limit: createSignInLimit(storage, policy.signIn), ...proxies, log }),
    ...proxies,
  };
  const documents = createClientDocuments({ ...ring, policy: policy.clientDocuments, network: parts.network, log });
  const ours = createConfiguration({
    ...rooms,
    pages: { showError: createShowError(rooms), ...createSignOutPages(rooms) },
    documents,
    onRevoked,
    onClientNormalised: (what) => log.debug({ event: 'registration.normalised', ...what }, 'normalised'),
    onScopeIgnored: (client) => log.warn({ event: 'client.scope', client }, 'its configured scope limits nothing'),
  });
  const routes = createRoutes(issuer);
  const readOwnAccessToken = createReadOwnAccessToken(rooms);

  const forwardAuth = authenticateForProxies({
    ...rooms,
    paths: forwardAuthPaths(issuer),
    ownKeys: createOwnKeySet(signing),
    onMistake: (mistake) => log.warn({ event: 'forward-auth.mistake' }, mistake),
    onRefusal: ({ code, message }) => log.debug({ event: 'forward-auth.refused', code }, message),
  });
  const logLines = (provider: Provider) => logProviderEvents(provider, log, () => issuance.of()?.connection.id);
  const adjustments = { ...createAdjustments(rooms), logLines };
  const pagesFor = (provider: Provider) => ({ ...rooms, provider, sessions: createSessions({ ...rooms, provider }) });
  const middleware = (provider: Provider) => ({
    reference: assignReference,
    errors: createErrorHandler(rooms),
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

async function openLocalDirectory(storage: Parameters<typeof createLocalDirectory>[0], demo: boolean) {
  const directory = createLocalDirectory(storage);
  if (demo) await seedDemonstration(directory);
  return directory;
}
