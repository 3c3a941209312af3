import type { Provider } from 'oidc-provider';

/**
 * oidc-provider 9.13 asks whether a client needs a secret before anybody has looked at what was sent: it matches the names
 * of algorithms against whatever is there, and `[{"toString": 1}]` has no text to match. Only text names an algorithm.
 */
export function readOnlyNamedAlgorithms(provider: Provider): void {
  const model = provider.Client as unknown as { needsSecret(metadata: object): boolean };
  const { needsSecret } = model;
  model.needsSecret = (metadata) => {
    const members = metadata as Readonly<Record<string, unknown>>;
    if (!Object.keys(members).some((name) => isNameless(name, members[name]))) return needsSecret(members);
    return needsSecret(Object.fromEntries(Object.entries(members).filter(([, value]) => typeof value === 'string')));
  };
}

function isNameless(member: string, value: unknown): boolean {
  return typeof value !== 'string' && (member.endsWith('_alg') || member.endsWith('_enc'));
}
