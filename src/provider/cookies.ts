import type { Configuration } from 'oidc-provider';
import type { Cookies } from '../http/index.ts';

/** The cookies that oidc-provider sets, called and protected like the others. */
export function createCookieConfiguration(keys: string[], { names, protection }: Cookies): Configuration['cookies'] {
  const { session, interaction, resume } = names;
  return { keys, long: protection, short: protection, names: { session, interaction, resume } };
}
