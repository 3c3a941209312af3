import type { Provider } from 'oidc-provider';

/**
 * oidc-provider 9.13 asks whether a client needs a secret before anybody has looked at what was sent: it matches the names
 * of algorithms against whatever is there, and `[{"toString": 1}]` has no text to match. Only text names an algorithm.
 */
export function readOnlyNamedAlgorithms(provider: Provider): void {
  const model = provider.Client as unknown as { needsSecret(metadata: object): boolean };
  const { needsSecret } = model;
  model.needsSecret = (metadata) => {
    const members = Object.entries(metadata);
    const isWhole = members.every(([name, value]) => typeof value === 'string' || !/_(alg|enc)$/.test(name));
    return needsSecret(
      isWhole ? metadata : Object.fromEntries(members.filter(([, value]) => typeof value === 'string')),
    );
  };
}
