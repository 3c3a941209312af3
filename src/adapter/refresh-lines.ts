import type { Connection } from '../connections/index.ts';
import { createNonce } from '../random-bytes.ts';
import {
  type AdvanceResult,
  changeRecord,
  type Progress,
  type RecordNames,
  type RequestReads,
  type Store,
  type Vault,
} from '../storage/index.ts';
import {
  composeRefreshToken,
  createLineId,
  createSalt,
  isGenuine,
  parseRefreshToken,
  type RefreshTokenName,
} from './refresh-token.ts';

/** What the refresh tokens of one line are issued for: the same from the first to the last (R72). Times in seconds. */
export interface RefreshGrantSource {
  readonly clientId: string;
  readonly accountId: string;
  readonly resource: string;
  /** As granted, separated by spaces; identity scopes included. */
  readonly scope: string;
  /** When the line began: a cap on the connection counts from here. */
  readonly iiat: number;
  readonly claims?: { readonly id_token?: Readonly<Record<string, unknown>> } | undefined;
  readonly nonce?: string | undefined;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  readonly authTime?: number | undefined;
  readonly sid?: string | undefined;
}

/** From where a line was renewed, hashed, and since when. */
export interface RenewalOrigin {
  readonly network: string;
  readonly agent: string;
  readonly since: number;
}

/** A genuine refresh token with all that a renewal is decided by. */
export interface PresentedRefreshToken {
  readonly name: RefreshTokenName;
  readonly source: RefreshGrantSource;
  readonly salt: string;
  readonly progress: Progress;
  /** The last ones, newest first. */
  readonly origins: readonly RenewalOrigin[];
  /** Its record as it was read. */
  readonly value: string;
  /** Absent when it has ended. */
  readonly connection: Connection | undefined;
}

export interface RefreshLines {
  /** A line and its first token; it is kept by whoever redeems the code. */
  create(connectionId: string, source: RefreshGrantSource, origins?: readonly RenewalOrigin[]): NewRefreshLine;
  /** Nothing for a token that this server did not make, or whose line has ended; that costs no write. */
  find(token: string): Promise<PresentedRefreshToken | undefined>;
  /** Why `find` finds nothing, for the log. */
  explain(token: string): Promise<string>;
  /** The records that `find` reads. */
  recordsOf(token: string): string[];
  /** Remembers from where it is renewed; false when somebody else has changed the line since it was read. */
  move(presented: PresentedRefreshToken, origins: readonly RenewalOrigin[]): Promise<boolean>;
  /** Says anew what a line is for, to this token and each that follows. False when it has ended. */
  change(token: string, change: RefreshGrantChange): Promise<boolean>;
  /**
   * The token that follows this one: a new one for the newest, the newest for one that was used within the grace. For any
   * other it is reuse (`'stale'`), which must end the connection. Not more often than the limit allows: either costs a signature.
   */
  renew(presented: PresentedRefreshToken, ttlSeconds: number): Promise<string | Exclude<AdvanceResult, number>>;
}

/** What a host may say anew of a line; whose it is, for which resource and since when is what was approved. */
export const changeable = ['scope', 'claims', 'nonce', 'acr', 'amr', 'authTime', 'sid'] as const;
export type RefreshGrantChange = Partial<Pick<RefreshGrantSource, (typeof changeable)[number]>>;

export interface NewRefreshLine {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly token: string;
}

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  readonly vault: Vault;
  readonly reads: RequestReads;
  /** Seconds during which a token that was used is answered like its first use: tools run several processes over one. */
  readonly refreshGrace: number;
  /** Of one line; 0 without limit. */
  readonly renewalsPerHour: number;
}

type LineRecord = RefreshGrantSource & { readonly salt: string; readonly places?: readonly RenewalOrigin[] };

/**
 * How refresh tokens follow each other. A line is one record of constant size, however often it is renewed: what its tokens
 * are for, a salt, and how many renewals there were; the tokens themselves are computed.
 */
export function createRefreshLines({ store, names, vault, reads, refreshGrace, renewalsPerHour }: Parts): RefreshLines {
  const limit = renewalsPerHour > 0 ? { count: renewalsPerHour, windowSeconds: 3600 } : undefined;

  function recordsOf(token: string): string[] {
    const name = parseRefreshToken(token);
    return name ? [names.refreshLine(name.connectionId, name.lineId), names.connection(name.connectionId)] : [];
  }

  return {
    recordsOf,

    create(connectionId, source, origins = []) {
      const id = createLineId();
      const salt = createSalt();
      const value = JSON.stringify({ ...source, salt, places: origins } satisfies LineRecord);
      const token = composeRefreshToken({ connectionId, lineId: id, generation: 0 }, salt, vault);
      return { id, key: names.refreshLine(connectionId, id), value, token };
    },

    async find(token) {
      const name = parseRefreshToken(token);
      if (!name) return undefined;
      const [line, connection] = await reads.read(recordsOf(token));
      if (!line) return undefined;
      const { value } = line;
      const { salt, places: origins = [], ...source }: LineRecord = JSON.parse(value);
      if (!isGenuine(token, name, salt, vault)) return undefined;
      const progress = line.progress ?? { generation: 0, reachedAt: source.iiat };
      return { name, source, salt, origins, value, progress, connection: connection && JSON.parse(connection.value) };
    },

    async explain(token) {
      const name = parseRefreshToken(token);
      if (!name) return 'refresh token not found: not made by this server';
      const [line] = await reads.read(recordsOf(token));
      return line ? 'refresh token not found: not genuine' : 'refresh token not found: ended or expired';
    },

    // Keeps its generation and its lifetime, as `change` does.
    move: ({ name, value }, origins) =>
      store.compareAndSet(
        names.refreshLine(name.connectionId, name.lineId),
        value,
        JSON.stringify({ ...JSON.parse(value), places: origins }),
      ),

    async change(token, change) {
      const [key = ''] = recordsOf(token);
      // Keeps its generation and its lifetime, whatever renewal comes between.
      const changed = await changeRecord<LineRecord>(store, key, (line) => ({ ...line, ...change }));
      return typeof changed === 'object';
    },

    async renew({ name, salt }, ttlSeconds) {
      const result = await store.advance({
        record: names.refreshLine(name.connectionId, name.lineId),
        from: name.generation,
        graceSeconds: refreshGrace,
        ttlSeconds,
        // The connection lives as long as its newest refresh token.
        extend: [names.connection(name.connectionId)],
        nonce: createNonce(),
        limit,
      });
      return typeof result === 'number' ? composeRefreshToken({ ...name, generation: result }, salt, vault) : result;
    },
  };
}
