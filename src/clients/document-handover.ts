import type { Content } from './document-content.ts';

/**
 * What was loaded for a request, for the moments later in it when oidc-provider wants to fetch the same. By request,
 * because two at once may have loaded different versions. Pages of the flow run outside of the provider's context; what
 * is loaded for them shares one place, which is written right before it is read.
 */
export interface Handover {
  put(request: object | undefined, url: string, content: Content): void;
  get(request: object | undefined, url: string): Content | undefined;
}

/** Far more than requests that are between the two moments at once. */
const maxOutside = 1000;

export function createHandover(): Handover {
  const byRequest = new WeakMap<object, Map<string, Content>>();
  const outside = new Map<string, Content>();

  return {
    put(request, url, content) {
      const loaded = request ? (byRequest.get(request) ?? new Map<string, Content>()) : outside;
      if (request) byRequest.set(request, loaded);
      else if (outside.size >= maxOutside) outside.clear();
      loaded.set(url, content);
    },
    get: (request, url) => (request ? byRequest.get(request) : outside)?.get(url),
  };
}
