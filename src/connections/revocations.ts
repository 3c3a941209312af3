import { type ChangedPolicy, maxClockSkewSeconds } from '@bkend/mcp-gateway/vocabulary';
import type { Clock } from '../clock.ts';
import type { RecordNames, Store } from '../storage/index.ts';
import type { ChangeReason, Connection } from './connection.ts';
import type { RevocationEntry, RevocationReason, RevokedThing } from './revocation-entry.ts';
import { createLongestLifetime, underWaySeconds } from './revocation-lifetime.ts';

/**
 * Tells the gateways. Each of these resolves when the feed has the entry, and is called *before* anything is removed: a
 * crash in between leaves tokens refused whose connection still exists, which their owner sees and ends again. The other
 * way round nobody would know that a token has to be refused.
 */
export interface Revocations {
  connectionEnded(connection: Pick<Connection, 'id' | 'resource'>, reason: RevocationReason): Promise<void>;
  /** Only its tokens of before end; called before the change is written, and again when writing it took long. */
  connectionChanged(connection: Connection, reason: ChangeReason): Promise<void>;
  tokenEnded(token: EndedToken, reason: RevocationReason): Promise<void>;
  /** The account left this organization, or every one with `*`. Its connections have entries of their own. */
  membershipEnded(accountId: string, organizationId: string, reason: RevocationReason): Promise<void>;
  /** The membership goes on in another role: its tokens of before that say another one end. */
  roleChanged(accountId: string, organizationId: string, role: string): Promise<void>;
  /** The configuration was changed: of these tokens, as far as they were issued until `at`, it allows other ones now, or none. */
  policyChanged(changed: ChangedPolicy & { readonly resource?: string }, times: Times): Promise<void>;
  /** Seconds for which an entry counts, and is kept. */
  retention(): Promise<number>;
  /** Whether this very token was revoked; its connection and membership have records of their own. */
  isTokenRevoked(jti: string): Promise<boolean>;
}

interface Times {
  readonly at: number;
  readonly until: number;
}

interface EndedToken {
  readonly jti: string;
  readonly exp: number;
  readonly resource: string;
}

/**
 * Absent where gateways of every resource are told: a membership ends for all that a person might have connected, also
 * what is being connected just now.
 */
type Told = RevokedThing & { readonly resource?: string };

interface Parts {
  readonly store: Store;
  readonly names: RecordNames;
  /** Seconds. */
  readonly accessTokenTtl: number;
  readonly clock: Clock;
}

/** Seconds by which a change is dated ahead: a refresh under way may still sign what was true before. */
const refreshUnderWaySeconds = 5;
/** A gateway that starts again in that time has to be told again, or what was revoked would count once more. */
const retentionSeconds = underWaySeconds + maxClockSkewSeconds;

export function createRevocations({ store, names, accessTokenTtl, clock }: Parts): Revocations {
  const findLongestLifetime = createLongestLifetime({ store, names, accessTokenTtl, clock });

  const retention = async () => (await findLongestLifetime()) + retentionSeconds;

  async function append(what: Told, reason: RevocationReason, times: Partial<Times> = {}) {
    const kept = await retention();
    const now = clock.seconds();
    const entry: RevocationEntry = { ...what, at: now, until: now + kept, ...times, reason };
    await store.append(names.revocations(), JSON.stringify(entry), kept);
  }

  return {
    connectionEnded: ({ id, resource }, reason) => append({ kind: 'connection', id, resource }, reason),

    connectionChanged: ({ id, resource, organizationId, scopes }, reason) =>
      append({ kind: 'change', id, organizationId, scopes, resource }, reason, {
        at: clock.seconds() + refreshUnderWaySeconds,
      }),

    async tokenEnded({ jti, exp, resource }, reason) {
      await append({ kind: 'token', id: jti, resource }, reason, { until: exp + maxClockSkewSeconds });
      await store.write(names.revokedToken(jti), JSON.stringify({ reason }), exp - clock.seconds() + retentionSeconds);
    },

    membershipEnded: (accountId, organizationId, reason) =>
      append({ kind: 'membership', accountId, organizationId }, reason),

    roleChanged: (accountId, organizationId, role) =>
      append({ kind: 'membership', accountId, organizationId, role }, 'role changed', {
        at: clock.seconds() + refreshUnderWaySeconds,
      }),

    policyChanged: (changed, times) => append(changed, 'policy changed', times),
    retention,

    isTokenRevoked: async (jti) => (await store.read(names.revokedToken(jti))) !== undefined,
  };
}
