import type { AdapterPayload } from 'oidc-provider';
import QuickLRU from 'quick-lru';
import type { Connection } from '../connections/index.ts';
import { createNonce } from '../random-bytes.ts';
import { type RecordNames, type RequestReads, type Store, StoreUnavailable, type Take } from '../storage/index.ts';
import { deserialize } from './payloads.ts';
import type { NewRefreshLine } from './refresh-lines.ts';

/** A code with all that its redemption is decided by. */
export interface PresentedCode {
  readonly code: string;
  /** Its name in the store. */
  readonly record: string;
  readonly payload: AdapterPayload;
  /** As it was read; absent when it has ended. */
  readonly connection: { readonly text: string; readonly value: Connection } | undefined;
}

export interface AuthorizationCodes {
  recordOf(code: string): string;
  /** The records that `find` reads. */
  recordsOf(code: string): string[];
  find(code: string): Promise<PresentedCode | undefined>;
  /** Takes the code and keeps what comes of it, in one step of the store. */
  redeem(redemption: Redemption): Promise<RedemptionResult>;
}

interface Redemption {
  readonly presented: PresentedCode;
  /** What the connection becomes. */
  readonly connection: Connection;
  readonly line: NewRefreshLine | undefined;
  readonly ttlSeconds: number;
}

/**
 * `changed`: the connection is another one than was read; nothing was taken. `unanswered`: it was taken for a request of
 * this process that never learned so, because the store fell silent for too long; nobody has got anything for it.
 */
type RedemptionResult = 'redeemed' | 'gone' | 'redeemed before' | 'unanswered' | 'changed';

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly reads: RequestReads;
}

/** More than fail in one outage; codes live ten minutes. */
const maxUnanswered = 5000;

/**
 * A code names its connection, which its access token will name as well, so that the code, the connection and the first
 * refresh token lie on one node of a cluster and change in one step.
 */
export function composeAuthorizationCode(connectionId: string, secret: string): string {
  return `${connectionId}.${secret}`;
}

export function createAuthorizationCodes({ store, names, reads }: Parts): AuthorizationCodes {
  /** By the name of the code, the nonce of the take whose answer never came. */
  const unanswered = new QuickLRU<string, string>({ maxSize: maxUnanswered });

  function recordOf(code: string): string {
    return names.authorizationCode(connectionOf(code), code);
  }

  function recordsOf(code: string): [connection: string, record: string, ...former: string[]] {
    const connectionId = connectionOf(code);
    const former = names.former.map((each) => each.authorizationCode(connectionId, code));
    return [names.connection(connectionId), recordOf(code), ...former];
  }

  function noteUnanswered({ record, nonce }: Take): void {
    unanswered.set(record, nonce);
  }

  /** Whether it was a request of this process: it may as well be that ours never arrived, and somebody else came. */
  async function wasOurs(record: string): Promise<boolean> {
    const nonce = unanswered.get(record);
    return nonce !== undefined && (await store.take({ record, nonce })) === 'taken';
  }

  return {
    recordOf,
    recordsOf,

    async find(code) {
      const keys = recordsOf(code);
      const [connection, ...records] = await reads.read(keys);
      const at = records.findIndex((record) => record !== undefined);
      const record = records[at];
      if (!record) return undefined;
      return {
        code,
        record: keys[at + 1] as string,
        payload: deserialize(record, code),
        connection: connection && { text: connection.value, value: JSON.parse(connection.value) },
      };
    },

    async redeem(redemption) {
      const take = takeFor(redemption, names);
      const result = await store.take(take).catch((error) => {
        if (error instanceof StoreUnavailable) noteUnanswered(take);
        throw error;
      });
      if (result === 'taken') return 'redeemed';
      if (typeof result !== 'number') return result;
      return (await wasOurs(take.record)) ? 'unanswered' : 'redeemed before';
    },
  };
}

function takeFor({ presented, connection, line, ttlSeconds }: Redemption, names: RecordNames): Take {
  const replace = {
    key: names.connection(connection.id),
    expected: presented.connection?.text ?? '',
    value: JSON.stringify(connection),
  };
  const nonce = createNonce();
  return { record: presented.record, nonce, along: { replace, write: line, ttlSeconds } };
}

/** A text without one is no code of ours, and finds nothing. */
function connectionOf(code: string): string {
  return /^([\w-]{1,64})\./.exec(code)?.[1] ?? 'none';
}
