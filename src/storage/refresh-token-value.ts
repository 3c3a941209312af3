import type { Secrecy } from './secrecy.ts';

/**
 * A refresh token names its grant, which is public (every access token does), before the part that is secret: so all that
 * a refresh reads and writes is known from the request, lies on one node of a cluster, and can be changed in one step.
 */
export function composeRefreshToken(grantId: string, secret: string): string {
  return `${grantId}.${secret}`;
}

/** Nothing for a text that no refresh token of ours looks like. */
export function grantOfRefreshToken(token: string): string | undefined {
  return /^([\w-]+)\.[\w-]+$/.exec(token)?.[1];
}

/** The one token that can follow this one: the same on every node, at every retry and after every crash (decision 6). */
export function successorOf(token: string, grantId: string | undefined, { derive }: Pick<Secrecy, 'derive'>): string {
  const secret = derive('refresh token', token);
  return grantId ? composeRefreshToken(grantId, secret) : secret;
}
