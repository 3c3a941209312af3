import type { Config } from '../src/config/index.ts';

/** A load is what limits are against; they are counted all the same, so that what that costs is in the figures. */
export function withHighLimits(config: Config): Config {
  const limits = { ...config.policy.limits, renewalsPerHour: 1_000_000_000 };
  return { ...config, policy: { ...config.policy, limits } };
}
