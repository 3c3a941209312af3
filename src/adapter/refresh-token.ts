import { randomBytes } from 'node:crypto';
import type { Vault } from '../storage/index.ts';

/**
 * What a refresh token says of itself. It names its connection, which is public (every access token does), so that all a
 * refresh reads and changes is known from the request and lies on one node of a cluster; its line, one for each code that
 * was redeemed; and how many renewals led to it.
 */
export interface RefreshTokenName {
  readonly connectionId: string;
  readonly lineId: string;
  readonly generation: number;
}

const lineIdLength = 12;
const macLength = 43; // HMAC-SHA-256 as base64url

/**
 * The one token of this name: the same on every node, at every retry and after every crash, and stored
 * nowhere. It takes both the store secret and the salt of the line to make it: a stolen database lacks the one, a leaked
 * secret the other.
 */
export function composeRefreshToken(name: RefreshTokenName, salt: string, { derive }: Pick<Vault, 'derive'>): string {
  const { connectionId, lineId, generation } = name;
  return `${connectionId}.${lineId}${generation.toString(36)}${derive('refresh token', signed(name, salt))}`;
}

/** Nothing for a text that no refresh token of ours looks like. Proves nothing yet. */
export function parseRefreshToken(token: string): RefreshTokenName | undefined {
  const [, connectionId, lineId, generation] = form.exec(token) ?? [];
  if (connectionId === undefined || lineId === undefined || generation === undefined) return undefined;
  return { connectionId, lineId, generation: Number.parseInt(generation, 36) };
}

const form = new RegExp(`^([\\w-]{1,64})\\.([\\w-]{${lineIdLength}})(0|[1-9a-z][0-9a-z]{0,9})[\\w-]{${macLength}}$`);

/** Whether this server made it for the line that has this salt. */
export function isGenuine(
  token: string,
  name: RefreshTokenName,
  salt: string,
  { isDerived }: Pick<Vault, 'isDerived'>,
): boolean {
  return isDerived('refresh token', signed(name, salt), token.slice(-macLength));
}

function signed({ connectionId, lineId, generation }: RefreshTokenName, salt: string): string {
  return `${connectionId} ${lineId} ${generation} ${salt}`;
}

export function createLineId(): string {
  return randomBytes((lineIdLength * 6) / 8).toString('base64url');
}

export function createSalt(): string {
  return randomBytes(32).toString('base64url');
}
