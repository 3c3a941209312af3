import type { Config } from '../config/index.ts';
import { prepareDemonstration } from '../directory/index.ts';
import { loadCookieKeys, loadSigningKeys } from '../keys/index.ts';
import { type Health, reportRevocations } from '../operations/index.ts';
import { createDomain, type Domain, issuerOf } from './domain.ts';
import type { Parts } from './plugin.ts';
import type { Reporting } from './reporting.ts';
import { checkStore, reportLostKeys, watchStore } from './store-check.ts';

export type State = Awaited<ReturnType<typeof openState>>;

/** What is kept: the store, opened, checked and watched from here on, what its records mean, and the keys in it. */
export async function openState(config: Config, parts: Parts, { clock, events }: Reporting) {
  let health: Health | undefined;
  const domain = await createDomain(config, {
    clock,
    store: parts.store,
    beforeUse: (storage) => checkStore(storage, config),
    passwords: parts.passwords,
    onStoreError: () => health?.suspect(),
    onEnded: reportRevocations(events),
  });
  const { storage } = domain;
  const closeStore = () => (parts.store ? undefined : storage.store.close());
  await reportLostKeys(storage, config, events);
  const keys = await loadKeys(domain, config);
  if (!parts.directory) await addDemonstration(domain, config, closeStore);
  health = watchStore(storage, { clock, events });
  return { ...domain, ...storage, ...keys, health, closeStore };
}

async function loadKeys({ storage }: Domain, { signingKeysFile, cookieKeys: configured }: Config) {
  const [signing, cookieKeys] = await Promise.all([
    loadSigningKeys(storage, signingKeysFile),
    loadCookieKeys(storage, configured),
  ]);
  return { signing, cookieKeys };
}

async function addDemonstration(
  { localDirectory }: Domain,
  config: Config,
  closeStore: () => Promise<void> | undefined,
) {
  if (config.policy.directory.kind !== 'local') return;
  await prepareDemonstration(localDirectory, { isWanted: config.demo, isPublic: isPublic(config) }, closeStore);
}

/** Other people reach a server with https: whoever read our README would be one of its accounts. */
export function isPublic(config: Config): boolean {
  return config.production || issuerOf(config).startsWith('https:');
}
