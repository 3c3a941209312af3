import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type Provider from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { RecordNames, Store } from '../storage/index.ts';
import { findRightful, readBasic } from './basic-credentials.ts';

interface Parts {
  readonly provider: Provider;
  readonly issuer: string;
  readonly store: Pick<Store, 'writeIfAbsent'>;
  readonly names: Pick<RecordNames, 'model'>;
  /** Those that a console may be, as the operator configured them. */
  readonly clients: readonly Readonly<Record<string, unknown>>[];
  readonly clock: Clock;
}

/** The client that calls, if it is one of these and proves it. */
type FindConsoleClient = (authorization: string | undefined) => Promise<string | undefined>;

/** Asymmetric ones only: a key that is published must never verify as a shared secret (RFC 8725 §3.1). */
const algorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
const skewSeconds = 30;
/** No longer than that is an assertion good for, whatever it says: so long its `jti` is remembered. */
const longestAssertionSeconds = 300;

/**
 * By HTTP Basic (RFC 6749 §2.3.1), or by a client assertion (RFC 7523 §3) where a token stands otherwise: the body is JSON,
 * and has no place for `client_assertion`.
 */
export function createFindConsoleClient({ provider, issuer, clients, store, names, clock }: Parts): FindConsoleClient {
  const ids = new Set(clients.map((client) => String(client.client_id)));
  const keys = new Map(clients.flatMap((client) => keysOf(client)));

  async function findByAssertion(assertion: string): Promise<string | undefined> {
    const id = claimedIssuer(assertion);
    const keySet = keys.get(id);
    if (!keySet) return undefined;
    const verified = await jwtVerify(assertion, keySet, {
      issuer: id,
      subject: id,
      audience: issuer,
      requiredClaims: ['exp', 'jti'],
      algorithms,
      clockTolerance: skewSeconds,
      currentDate: new Date(clock.now()),
    }).catch(() => undefined);
    const { jti, exp = 0 } = verified?.payload ?? {};
    const left = exp - clock.seconds();
    if (jti === undefined || jti === '' || left > longestAssertionSeconds) return undefined;
    // Once (RFC 7523 §3, point 7), over all nodes: whoever reads it in a log must not call in the console's name.
    const isFirst = await store.writeIfAbsent(
      names.model('ReplayDetection', `${id} ${jti}`),
      '{}',
      left + 2 * skewSeconds,
    );
    return isFirst ? id : undefined;
  }

  return async function findConsoleClient(authorization = '') {
    const [, assertion] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? [];
    if (assertion !== undefined) return findByAssertion(assertion);
    const readings = readBasic(authorization).filter(({ id }) => ids.has(id));
    return (await findRightful(readings, provider))?.client.clientId;
  };
}

function keysOf({
  client_id: id,
  jwks,
  jwks_uri: uri,
}: Readonly<Record<string, unknown>>): [string, JWTVerifyGetKey][] {
  if (jwks) return [[String(id), createLocalJWKSet(structuredClone(jwks) as JSONWebKeySet)]];
  if (typeof uri !== 'string') return [];
  // A key that is not among those that are kept: looked for again, but not with every assertion that anybody makes up.
  const remote = createRemoteJWKSet(new URL(uri), { timeoutDuration: 2_000, cooldownDuration: 1_000 });
  return [[String(id), remote]];
}

/** Not believed yet: it says with whose keys to look. */
function claimedIssuer(assertion: string): string {
  try {
    return decodeJwt(assertion).iss ?? '';
  } catch {
    return '';
  }
}
