import Provider from 'oidc-provider';
import { createAccountRoutes } from './account/index.ts';
import { createAdapter, createRegistrations, createRequestReads } from './adapter/index.ts';
import { completeConfiguredClient, createClientDocuments, withoutScope } from './clients/index.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/index.ts';
import {
  createConnections,
  createEndings,
  createIsCurrent,
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
  adjustProvider,
  connectionTtl,
  createConfiguration,
  createFindAccount,
  createIssuance,
  createIssueAccessToken,
  createReadOwnAccessToken,
  createRegistrationLifetimes,
  createRoutes,
  forwardAuthPaths,
  mergeConfiguration,
  normaliseAuthorizationRequest,
  openPaths,
  refreshTokenTtl,
  serveMetadata,
  serveUserinfo,
  tokenEndpoints,
  understandClients,
} from './provider/index.ts';
import { createCatalogue, createRoles } from './resources/index.ts';
import { createSessionCutoff, createSessions } from './sessions/index.ts';
import { createSignInLimit, createSubmitSignIn } from './sign-in/index.ts';
import { openStoreRing } from './store-ring.ts';

export type { AuthorizationServer, Parts, Plugin } from './plugin.ts';

export async function createAuthorizationServer(config: Config, parts: Parts = {}): Promise<AuthorizationServer> {
  const plugin = await createPlugin(config, parts);
  const app = new Provider(plugin.issuer, plugin.configuration());
  const metrics = createMetrics(app);
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

  const ring = await openStoreRing(config, (err) => log.warn({ event: 'store', err }, 'store lost'), parts.store);
  const { store, keys, secrecy } = ring;
  const [signing, cookieKeys] = await Promise.all([
    loadSigningKeys(ring, config.signingKeysFile),
    loadCookieKeys(ring, config.cookieKeys),
  ]);

  const clock = systemClock;
  const { lifetimes } = policy;
  const catalogue = createCatalogue(policy.resources, issuer);
  const narrowToRole = createRoles(policy.roles);
  const revocations = createRevocations({ ...ring, accessTokenTtl: lifetimes.accessToken });
  const feed = createRevocationFeed(ring);
  const registrations = createRegistrations({ ...ring, lifetimes: createRegistrationLifetimes(lifetimes), clock });
  const connections = createConnections({
    ...ring,
    revocations,
    onBegun: registrations.use,
    onEnded: logRevocations(log),
    onChanged: revocations.connectionChanged,
    refreshTokenTtl: lifetimes.refreshToken,
  });
  const cutoff = createSessionCutoff(ring);
  const endsWithPassword = policy.signIn.passwordChangeEndsConnections ? cutoff.endEverywhere : undefined;
  const endings = createEndings({ connections, revocations, signOutEverywhere: endsWithPassword });
  const reads = createRequestReads(store);
  const storage = { store, keys, hash: secrecy.hash };
  const directory = parts.directory ?? tellOfEndings(await openLocalDirectory(storage, config.demo), endings);
  const proxies = createTrustedProxies(config.trustedProxies);

  const { stylesheet, ...pageParts } = createPageParts({ issuer, brand: policy.brand, derive: secrecy.derive });
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
    policy,
    log,
    issuer,
    signing,
    cookieKeys,
    catalogue,
    narrowToRole,
    connections,
    directory,
    revocations,
    hasSignedOut: cutoff.hasEnded,
    cutoff,
    submitSignIn: createSubmitSignIn({ directory, limit: createSignInLimit(storage, policy.signIn), ...proxies, log }),
    ...proxies,
    connectionTtl: connectionTtl(lifetimes),
    accessTokenTtl: lifetimes.accessToken,
    clock,
  };
  const ours = createConfiguration({
    ...rooms,
    adapter: records.adapter,
    pages: { showError: createShowError(rooms), ...createSignOutPages(rooms) },
    documents,
    onClientNormalised: (what) => log.debug({ event: 'registration.normalised', ...what }, 'normalised'),
  });
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
    onMisconfigured: (error) => log.warn({ event: 'forward-auth.misconfigured' }, error),
    onRefusal: ({ code, message }) => log.debug({ event: 'forward-auth.refused', code }, message),
  });
  const pagesFor = (provider: Provider) => ({ ...rooms, provider, sessions: createSessions({ ...rooms, provider }) });
  const middleware = (provider: Provider) => ({
    reference: assignReference,
    errors: createErrorHandler(rooms),
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
    log.warn({ event: 'client.scope', client }, 'its configured scope limits nothing');
  }

  return {
    issuer,
    directory,
    log,
    configuration: (yours = {}) => mergeConfiguration(yours, ours),
    install(provider) {
      adjustProvider(provider, { ...rooms, ...records, issuance, registrations });
      logProviderEvents(provider, log);
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

async function openLocalDirectory(storage: Parameters<typeof createLocalDirectory>[0], demo: boolean) {
  const directory = createLocalDirectory(storage);
  if (demo) await seedDemonstration(directory);
  return directory;
}
