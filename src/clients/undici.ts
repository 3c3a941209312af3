import { createRequire } from 'node:module';

/**
 * Whichever undici is loaded first becomes the dispatcher of `fetch` for the whole process: Node's own, or this one. It
 * must be Node's own: oidc-provider 9.13 makes dispatchers of that kind, guarded against addresses inside our network, and
 * hands them to Node's `fetch`, which refuses those of another version (Node 24 has 7 built in).
 */
function loadAfterBuiltIn(): typeof import('undici') {
  // Node loads its own when a global of it is read for the first time.
  void globalThis.Response;
  return createRequire(import.meta.url)('undici');
}

export const { Agent, ProxyAgent, request } = loadAfterBuiltIn();
