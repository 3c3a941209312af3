import { errors } from 'oidc-provider';
import { maxAssertionSeconds } from '../adapter/index.ts';
import { systemClock } from '../clock.ts';

/** By how much the clock of a client may be ahead of ours. */
const skewSeconds = 60;

/**
 * The id of an assertion is kept so that it counts once (RFC 7523 §3), for at most ten minutes: clients decide how many there
 * are. So one that can be used for longer is refused, unless it says that it is younger than that.
 */
export async function refuseLongAssertion(_ctx: unknown, { exp, iat }: Record<string, unknown>): Promise<void> {
  const now = systemClock.seconds();
  if (typeof exp === 'number' && exp <= now + maxAssertionSeconds) return;
  const isYoung = typeof iat === 'number' && iat <= now + skewSeconds && now - iat < maxAssertionSeconds - skewSeconds;
  if (!isYoung)
    throw new errors.InvalidClientAuth('the assertion can be used for longer than ten minutes, or was made longer ago');
}
