import type { Provider } from 'oidc-provider';
import { composeAuthorizationCode } from '../adapter/index.ts';

/**
 * A code begins with the id of its connection (see `adapter`). One of the methods of models that we replace (the others:
 * redirect-uris.ts, named-algorithms.ts): oidc-provider 9.13 lets an option choose how long a value is, not what stands in it. A test holds the
 * assumption that a code knows its grant when it is given its value.
 */
export function nameConnectionsInCodes(provider: Provider): void {
  const model = provider.AuthorizationCode.prototype as unknown as { grantId?: string; generateTokenId(): string };
  const generateRandom = model.generateTokenId;
  model.generateTokenId = function generateTokenId(this: typeof model) {
    return composeAuthorizationCode(this.grantId ?? 'none', generateRandom.call(this));
  };
}
