import { Provider } from 'oidc-provider';

/** Something that is known of the request which is being answered, and forgotten with it; nothing outside of one. */
interface PerRequest<Value> {
  get(): Value | undefined;
  set(value: Value): void;
}

export function perRequest<Value>(): PerRequest<Value> {
  // On the context itself, under a name that nobody else has: what is weakly held costs each collection of garbage.
  const name = Symbol('per request');
  const context = () => Provider.ctx as unknown as { [name]?: Value } | undefined;
  return {
    get: () => context()?.[name],
    set(value) {
      const ctx = context();
      if (ctx) ctx[name] = value;
    },
  };
}
