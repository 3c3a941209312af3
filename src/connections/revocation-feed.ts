import type { FeedEntry, RecordNames, Store } from '../storage/index.ts';
import { FeedNotifier } from './feed-notifier.ts';

export interface RevocationFeed {
  /**
   * The entries after this cursor, then every new one, until the signal. Rejects when the store cannot be read: whoever
   * follows has the cursor and comes back.
   */
  follow(after: string | undefined, signal: AbortSignal): AsyncGenerator<RevocationBatch, void>;
  /** Ends every `follow`, so that nothing keeps a connection or the process alive. */
  close(): void;
}

export interface RevocationBatch {
  readonly entries: readonly FeedEntry[];
  /** Nothing follows by now. Said again every few seconds, because silence could also be a cut line. */
  readonly isCurrent: boolean;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** After which a sign of life follows; an entry never waits for it. */
  readonly silenceMs?: number;
}

/** Between two signs of life: a few of them fit into the shortest sensible staleness of a gateway. */
export const heartbeatMs = 5000;
const pageSize = 500;

export function createRevocationFeed({ store, names, silenceMs = heartbeatMs }: Parts): RevocationFeed {
  const feed = names.revocations();
  const notifier = new FeedNotifier(store, feed);
  const closing = new AbortController();

  return {
    async *follow(after, unwanted) {
      using _subscription = notifier.subscribe();
      const signal = AbortSignal.any([unwanted, closing.signal]);
      let cursor = after;
      while (!signal.aborted) {
        const { version } = notifier;
        const entries = await store.readFeed(feed, cursor, pageSize);
        const isCurrent = entries.length < pageSize;
        cursor = entries.at(-1)?.cursor ?? cursor;
        yield { entries, isCurrent };
        if (isCurrent) await notifier.waitForNewer(version, silenceMs, signal);
      }
    },
    close: () => closing.abort(),
  };
}
