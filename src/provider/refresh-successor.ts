import Provider from 'oidc-provider';
import { composeRefreshToken, type Secrecy, successorOf } from '../storage/index.ts';

const done = new WeakSet<Provider>();

/**
 * The successor of a refresh token is derived from it by a keyed hash, so that every node, every retry and every crash
 * arrives at the same one, and nothing is stored that could replay it (decision 6).
 *
 * One of two methods of models that we replace (the other: redirect-uris.ts): oidc-provider 9.13 has no option for the
 * value of a token. A test holds the assumption that rotation sets `RotatedRefreshToken` before the new token asks for
 * its identifier; our own grant for refresh tokens needs only the first one of a line from here.
 */
export function deriveSuccessors(provider: Provider, secrecy: Secrecy): void {
  if (done.has(provider)) return;
  done.add(provider);
  const model = provider.RefreshToken.prototype as unknown as { grantId?: string; generateTokenId(): string };
  const generateRandom = model.generateTokenId;
  model.generateTokenId = function generateTokenId(this: typeof model) {
    const rotated = Provider.ctx?.oidc.entities.RotatedRefreshToken;
    if (rotated) return successorOf(rotated.jti, this.grantId, secrecy);
    const secret = generateRandom.call(this);
    return this.grantId ? composeRefreshToken(this.grantId, secret) : secret;
  };
}
