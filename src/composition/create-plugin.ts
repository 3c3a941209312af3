import { createAdapter, createRequestReads } from '../adapter/index.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { createIsCurrent, createRevocationFeed } from '../connections/index.ts';
import { prepareDemonstration } from '../directory/index.ts';
import {
  createAnswerOnce,
  createPageParts,
  createRouteTable,
  createTrustedProxies,
  reportUntrustedProxy,
} from '../http/index.ts';
import { createErrorHandler, createShowError, createSignOutPages } from '../interactions/index.ts';
import { createOwnKeySet, loadCookieKeys, loadSigningKeys } from '../keys/index.ts';
import { createMessages } from '../messages/index.ts';
import {
  createEvents,
  createLog,
  createReports,
  createRequests,
  type Health,
  reportProviderEvents,
  reportRevocations,
  reportUntoldRefusals,
} from '../operations/index.ts';
import {
  adjustProvider,
  connectionTtl,
  createAuthorizationParameters,
  createConfiguration,
  createFindAccount,
  createIssuance,
  createIssueAccessToken,
  createMemberships,
  createReadOwnAccessToken,
  createRequestLimits,
  forwardAuthPaths,
  mergeConfiguration,
  refreshTokenTtl,
} from '../provider/index.ts';
import { createCatalogue, createKnowsRole, createRoles } from '../resources/index.ts';
import { createSessions } from '../sessions/index.ts';
import { createConfirmPassword, createSubmitSignIn } from '../sign-in/index.ts';
import { connectClients } from './clients.ts';
import { acceptDirectory } from './console.ts';
import { createDomain, issuerOf } from './domain.ts';
import { createAdmission, createEndpoints } from './endpoints.ts';
import { createOffers } from './offered-scopes.ts';
import type { Parts, Plugin } from './plugin.ts';
import { tellTakenAway } from './policy-taken-away.ts';
import { checkStore, reportLostKeys, watchStore } from './store-check.ts';
import { connectWaysIn } from './ways-in.ts';

/** The plugin, put together: our decisions, ready for a provider of the host's or of our own. */
export async function createPlugin(config: Config, parts: Parts = {}): Promise<Plugin> {
  const { policy } = config;
  const { lifetimes } = policy;
  const issuer = issuerOf(config);
  const clock = parts.clock ?? systemClock;
  const log = parts.log ?? createLog(config.logLevel);
  const proxies = createTrustedProxies(config.trustedProxies);
  const requests = createRequests(proxies.clientAddress);
  const events = createEvents(log, requests.current);

  // What is kept, and what it means.
  const own = acceptDirectory(parts.directory, events);
  let health: Health | undefined;
  const domain = await createDomain(config, {
    clock,
    store: parts.store,
    beforeUse: (storage) => checkStore(storage, config),
    passwords: parts.passwords,
    onStoreError: () => health?.suspect(),
    onEnded: reportRevocations(events),
  });
  const { storage, revocations, connections, cutoff, revocation, localDirectory } = domain;
  const { store, vault } = storage;
  const closeStore = () => (parts.store ? undefined : store.close());
  await reportLostKeys(storage, config, events);
  const [signing, cookieKeys] = await Promise.all([
    loadSigningKeys(storage, config.signingKeysFile),
    loadCookieKeys(storage, config.cookieKeys),
  ]);
  // Other people reach a server with https: whoever read our README would be one of its accounts.
  const isPublic = config.production || issuer.startsWith('https:');
  const demonstration = { isWanted: config.demo, isPublic };
  if (!own && policy.directory.kind === 'local') await prepareDemonstration(localDirectory, demonstration, closeStore);
  health = watchStore(storage, { clock, events });
  const messages = createMessages({ languages: policy.languages, own: policy.messages });
  const pageParts = createPageParts({ issuer, brand: policy.brand, messages, derive: vault.derive });
  const given = { ...domain, ...storage, ...proxies, ...pageParts, issuer, policy, clock, events, signing, own };
  const people = connectWaysIn({ ...given, isPublic, mail: config.mail, egressProxy: config.egressProxy });
  const { directory } = people;
  const catalogue = createCatalogue(policy.resources, issuer);
  const narrowToRole = createRoles(policy.roles);
  const offers = createOffers(policy, catalogue);
  const asking = connectClients({ ...given, ...offers, network: parts.network, egressProxy: config.egressProxy });
  const feed = createRevocationFeed(storage);
  const withdrawn = await tellTakenAway({ ...storage, policy, catalogue, revocations, clock });

  // What all endpoints and pages are made with.
  const shared = {
    ...domain,
    ...storage,
    ...proxies,
    ...pageParts,
    ...people,
    ...asking,
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
    feed,
    withdrawn,
    isCurrent: createIsCurrent({ connections, directory, narrowToRole, ...offers }),
    confirmPassword: createConfirmPassword({ ...people, ...proxies, events }),
    submitSignIn: createSubmitSignIn({ ...people, ...proxies, events, isPublic }),
    readOwnAccessToken: createReadOwnAccessToken({ issuer, signing, catalogue, revocations, clock }),
    connectionTtl: connectionTtl(lifetimes),
    accessTokenTtl: lifetimes.accessToken,
    ownKeys: createOwnKeySet(signing),
    parameters: createAuthorizationParameters(),
    limits: createRequestLimits({ ...domain, ...storage, ...proxies, policy, clock }),
  };

  // oidc-provider, told our decisions.
  const reads = createRequestReads(store);
  const stored = directory === localDirectory ? localDirectory : undefined;
  const memberships = createMemberships({ directory, reads, stored });
  const records = createAdapter({
    ...domain,
    ...storage,
    reads,
    limits: shared.limits,
    alsoRead: memberships.recordsOf,
    ...asking,
    refreshGrace: lifetimes.refreshGrace,
    renewalsPerHour: policy.limits.renewalsPerHour,
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
    hasSignedOut: cutoff.hasEnded,
    pages: { showError: createShowError(shared), ...createSignOutPages(shared) },
  });
  const paths = { ...shared.paths, ...forwardAuthPaths(issuer) };

  return {
    issuer,
    directory: people.identity ? directory : (parts.directory ?? directory),
    log,
    resources: catalogue.resources.map(({ uri }) => uri),
    events,
    configuration(yours = {}) {
      offers.addClients((yours.clients ?? []).map(({ client_id: id }) => id));
      shared.parameters.add(yours.extraParams);
      return mergeConfiguration(yours, ours);
    },
    install(provider) {
      adjustProvider(provider, { ...shared, ...records, issuance });
      reportProviderEvents(provider, events);
      const sessions = createSessions({ ...shared, provider });
      provider.use(requests.observe(reportUntoldRefusals(events)));
      provider.use(reportUntrustedProxy(proxies, (peer) => events.emit({ event: 'proxy.untrusted', peer })));
      provider.use(createErrorHandler(shared));
      const endpoints = createEndpoints({ ...shared, paths, provider, sessions });
      const table = createRouteTable(endpoints, createAdmission(shared), createAnswerOnce(shared));
      provider.use(table.serve);
      return table;
    },
    revocation: { ...revocation, feed },
    health,
    ping: health.ping,
    async close() {
      health.close();
      feed.close();
      await people.closeWaysIn();
      await closeStore();
    },
  };
}
