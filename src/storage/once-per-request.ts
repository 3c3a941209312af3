import { Provider } from 'oidc-provider';

type Announce = (grantId: string) => Promise<void>;

/** oidc-provider deletes the parts of a grant one by one and in parallel: each of them waits for the same announcement. */
export function oncePerRequest(announce: Announce): Announce {
  const announced = new WeakMap<object, Map<string, Promise<void>>>();
  return (grantId) => {
    if (!Provider.ctx) return announce(grantId);
    const ofRequest = announced.get(Provider.ctx) ?? new Map<string, Promise<void>>();
    announced.set(Provider.ctx, ofRequest);
    const announcing = ofRequest.get(grantId) ?? announce(grantId);
    ofRequest.set(grantId, announcing);
    return announcing;
  };
}
