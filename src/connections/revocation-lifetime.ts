import type { Clock } from '../clock.ts';
import type { RecordNames, Store } from '../storage/index.ts';

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly accessTokenTtl: number;
  readonly clock: Clock;
}

/** A token may be signed this long after what it stands for was looked up, and by a clock that is a little ahead. */
export const underWaySeconds = 60;
/** Longer than anybody goes back to an older configuration. */
const rememberedSeconds = 400 * 24 * 60 * 60;

/**
 * The longest that an access token in anybody's hands may have been issued for. Not simply the configured time: when an
 * operator shortens it, tokens of before live on, and a revocation must not be forgotten earlier than they are.
 */
export function createLongestLifetime({ store, names, accessTokenTtl, clock }: Parts): () => Promise<number> {
  let remembered: Promise<{ longest: number; until: number }> | undefined;

  async function remember() {
    const index = names.accessTokenLifetimes();
    await store.addMember(index, String(accessTokenTtl), rememberedSeconds);
    const longest = Math.max(...(await store.members(index)).map(Number), accessTokenTtl);
    // Twice: other nodes may issue such tokens for a while yet.
    return { longest, until: clock.now() + 2 * longest * 1000 };
  }

  return async () => {
    remembered ??= remember().catch((error) => {
      remembered = undefined;
      throw error;
    });
    const { longest, until } = await remembered;
    return clock.now() < until ? longest : accessTokenTtl;
  };
}
