import type { FeedEntry, RecordNames, Store } from '../storage/index.ts';
import { FeedNotifier } from './feed-notifier.ts';
import type { RevocationEntry } from './revocation-entry.ts';

export interface RevocationFeed {
  /**
   * The entries after this cursor, then every new one, until the signal. Rejects when the store cannot be read: whoever
   * follows has the cursor and comes back. Of the entries only those for these resources, in whichever spelling they were
   * issued, and those for all: a gateway learns nothing of another's people, and holds nothing of theirs. Without
   * `resources` all of them.
   */
  follow(
    after: string | undefined,
    signal: AbortSignal,
    resources?: readonly string[],
  ): AsyncGenerator<RevocationBatch, void>;
  /** Ends every `follow`, so that nothing keeps a connection or the process alive. */
  close(): void;
}

export interface RevocationBatch {
  readonly entries: readonly FeedEntry[];
  /** The follower has caught up. Said again every few seconds, because silence could also be a cut line. */
  readonly isCurrent: boolean;
  /** How far this was read: behind entries that are not for the reader, too, which are not read again. */
  readonly cursor: string | undefined;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** After which a sign of life follows; an entry never waits for it. */
  readonly silenceMs?: number;
}

/** Between two signs of life: a few of them fit into the shortest sensible staleness of a gateway. */
const heartbeatMs = 5000;
const pageSize = 500;

export function createRevocationFeed({ store, names, silenceMs = heartbeatMs }: Parts): RevocationFeed {
  const feed = names.revocations();
  const notifier = new FeedNotifier(store, feed);
  const closing = new AbortController();

  return {
    async *follow(after, unwanted, resources) {
      using _subscription = notifier.subscribe();
      const signal = AbortSignal.any([unwanted, closing.signal]);
      let cursor = after;
      while (!signal.aborted) {
        const { version } = notifier;
        const page = await store.readFeed(feed, cursor, pageSize);
        const isCurrent = page.length < pageSize;
        cursor = page.at(-1)?.cursor ?? cursor;
        yield { entries: page.filter(({ entry }) => isFor(resources, entry)), isCurrent, cursor };
        if (isCurrent) await notifier.waitForNewer(version, silenceMs, signal);
      }
    },
    close: () => closing.abort(),
  };
}

function isFor(resources: readonly string[] | undefined, entry: string): boolean {
  if (!resources) return true;
  const { resource }: RevocationEntry = JSON.parse(entry);
  return resource === undefined || resources.includes(resource);
}
