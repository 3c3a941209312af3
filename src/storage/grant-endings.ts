import { errors } from 'oidc-provider';
import type { Keys } from './keys.ts';
import { oncePerRequest } from './per-request.ts';
import { takeOnce } from './refresh-tokens.ts';
import type { Store } from './store.ts';

export interface GrantEndingOptions {
  readonly store: Store;
  readonly keys: Keys;
  /** Runs before the first record of a grant that ends is deleted, once a request: whoever must be told is told first. */
  readonly beforeEnding?: (grantId: string) => Promise<void>;
  /** Runs while a grant that ends is still there; what it answers runs when it is gone. */
  readonly whenEnding?: (grantId: string) => Promise<() => Promise<void>>;
  /** Runs when a grant is gone, for the one of any number of requests that ended it. */
  readonly whenEnded?: (grantId: string) => void;
}

/** How a grant ends, with all that stems from it. */
export class GrantEndings {
  readonly #options: GrantEndingOptions;
  readonly announce: (grantId: string) => Promise<void>;

  constructor(options: GrantEndingOptions) {
    this.#options = options;
    const { store, keys, beforeEnding } = options;
    // oidc-provider deletes the parts of a grant one by one and in parallel: each of them waits for the same announcement.
    this.announce = oncePerRequest(async (grantId) => {
      if (!beforeEnding) return;
      // Taken, or gone: whoever did that announced it before.
      const grant = await store.read(keys.grant(grantId));
      if (grant && grant.takenAt === undefined) await beforeEnding(grantId);
    });
  }

  /**
   * A connection is a grant plus what we know about it; it never outlives it. True for the one of any number of callers
   * that ended it: a stolen token may be replayed in parallel.
   */
  async end(grantId: string): Promise<boolean> {
    const { store, keys, whenEnding, whenEnded } = this.#options;
    await this.announce(grantId);
    const afterwards = await whenEnding?.(grantId);
    const result = await store.takeOnce(keys.grant(grantId), Math.floor(Date.now() / 1000));
    await store.remove([keys.grant(grantId), keys.connection(grantId)]);
    await afterwards?.();
    if (result === 'taken') whenEnded?.(grantId);
    return result === 'taken';
  }

  /** The codes and tokens that stem from it. */
  async endArtefacts(grantId: string): Promise<void> {
    const { store, keys } = this.#options;
    const index = keys.artefactsOfGrant(grantId);
    await store.remove([...(await store.members(index)), index]);
  }

  /** Whoever comes second ends the connection, be it a moment later: the code is in two hands (RFC 6749 §4.1.2). */
  async takeCode(key: string, grantId: string | undefined): Promise<void> {
    try {
      await takeOnce(this.#options.store, key);
    } catch (error) {
      if (error instanceof errors.InvalidGrant && grantId) {
        await this.end(grantId);
        await this.endArtefacts(grantId);
      }
      throw error;
    }
  }
}
