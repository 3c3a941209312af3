import type { Policy } from '../config/index.ts';

/** How long a connection lasts, in one sentence. */
export function describeDuration({
  refreshToken,
  connection,
}: Pick<Policy['lifetimes'], 'refreshToken' | 'connection'>): string {
  const cap = connection === undefined ? '' : `, for ${describeSpan(connection)} at most`;
  return `Stays connected while it is used at least once every ${describeSpan(refreshToken).replace(/^1 /, '')}${cap}.`;
}

function describeSpan(seconds: number) {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.max(1, Math.floor(seconds / 3600));
  if (days > 1) return `${days} days`;
  return hours > 1 ? `${hours} hours` : '1 hour';
}
