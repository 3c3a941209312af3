import type { AdapterPayload } from 'oidc-provider';
import { type GrantEndingOptions, GrantEndings } from './grant-endings.ts';
import type { Keys } from './keys.ts';
import { oncePerRequest } from './per-request.ts';
import { ReadAhead } from './read-ahead.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import type { RegistrationLifetimes } from './registrations.ts';
import type { Secrecy } from './secrecy.ts';

export interface AdapterOptions extends GrantEndingOptions {
  readonly secrecy: Secrecy;
  /** Seconds during which a replay of a rotated refresh token is answered like the first use (decision 6). */
  readonly refreshGrace: number;
  /** Afterwards: whoever finds a token that was used revokes; one that is not found is only refused. */
  readonly refreshTokenReuse?: 'revoke' | 'refuse';
  /** Without them a registered client is kept for ever. */
  readonly registrationLifetimes?: RegistrationLifetimes;
  /**
   * Runs before oidc-provider takes a code or refresh token and may throw: the last moment at which a wrong request costs
   * its client nothing (decision 6, R62). A grant of one's own, which uses `replace`, has checked by then.
   */
  readonly beforeTaking?: (payload: AdapterPayload) => Promise<void>;
  /** Runs before a request is answered from the store: the earliest look at a request whose body was read. */
  readonly whenAsked?: (model: string) => void;
  /** Runs when a request presented a live artefact, before the provider compares the two. */
  readonly whenPresented?: (model: string, payload: AdapterPayload) => void;
}

/** What the adapters of all models know together. */
export interface SharedOptions extends AdapterOptions {
  readonly ahead: ReadAhead;
  readonly refreshTokens: RefreshTokens;
  readonly endings: GrantEndings;
}

export function share(options: AdapterOptions): SharedOptions {
  const once = { ...options, keys: hashedOnce(options.keys) };
  return {
    ...once,
    ahead: new ReadAhead(once.store),
    refreshTokens: new RefreshTokens(once),
    endings: new GrantEndings(once),
  };
}

/** The key of a refresh token is asked for when it is read ahead, found and taken, and costs a hash each time. */
function hashedOnce(keys: Keys): Keys {
  const refreshToken = oncePerRequest((id) => keys.artefact('RefreshToken', id));
  return {
    ...keys,
    artefact: (model, id) => (model === 'RefreshToken' ? refreshToken(id) : keys.artefact(model, id)),
  };
}
