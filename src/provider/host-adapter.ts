import type { Policy } from '../config/index.ts';
import { createAdapter, type Keys, type Secrecy, type Store } from '../storage/index.ts';

interface Parts {
  readonly store: Store;
  readonly keys: Keys;
  readonly secrecy: Secrecy;
  readonly policy: Policy;
}

const sealedFor = 'client secret';

/**
 * Our storage under a configuration that is not ours: the same hashes, single use and grace, and nothing that asks for a
 * connection, because grants are whoever's consent made them. Where our pages approve, the adapter of our configuration
 * is the one that checks them; this one never can.
 */
export function createHostAdapter({ store, keys, secrecy, policy: { lifetimes, refreshTokenReuse } }: Parts) {
  const { refreshGrace } = lifetimes;
  return createAdapter({ store, keys, secrecy: withForeignSecrets(secrecy), refreshGrace, refreshTokenReuse });
}

/** Only secrets that we made can be stored as a half; those of the host's own `secretFactory` are encrypted. */
function withForeignSecrets(secrecy: Secrecy): Secrecy {
  return {
    ...secrecy,
    stripSplitSecret: (secret) => secrecy.seal(sealedFor, secret),
    restoreSplitSecret: (stored) => secrecy.open(sealedFor, stored),
  };
}
