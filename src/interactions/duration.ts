import type { Policy } from '../config/index.ts';
import type { Words } from '../messages/index.ts';

/** How long a connection lasts, in one sentence. */
export function describeDuration(
  { refreshToken, connection }: Pick<Policy['lifetimes'], 'refreshToken' | 'connection'>,
  { say }: Words,
): string {
  const { unit, count } = spanOf(refreshToken);
  const every = say(unit === 'days' ? 'duration.daily' : 'duration.hourly', { count });
  if (connection === undefined) return say('duration.while-used', { every });
  const longest = spanOf(connection);
  return say('duration.at-most', { every, cap: say(`duration.${longest.unit}`, { count: longest.count }) });
}

function spanOf(seconds: number) {
  const days = Math.floor(seconds / 86_400);
  if (days > 1) return { unit: 'days', count: days };
  return { unit: 'hours', count: Math.max(1, Math.floor(seconds / 3600)) };
}
