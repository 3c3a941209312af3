import { ProviderError } from './provider-error.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** One request to a provider, for metrics and the log. */
export interface ProviderCall {
  readonly provider: string;
  /** `refused`: it answered that it is busy, or broken; `unavailable`: nothing came, or not in time. */
  readonly outcome: 'answered' | 'refused' | 'unavailable';
  readonly seconds: number;
}

/** The same, and says of each request how it went. */
export function observeFetch(
  { fetch }: Pick<ProviderFetch, 'fetch'>,
  provider: string,
  onCall: (call: ProviderCall) => void,
): ProviderFetch['fetch'] {
  return async (href, options) => {
    const began = performance.now();
    const tell = (outcome: ProviderCall['outcome']) =>
      onCall({ provider, outcome, seconds: (performance.now() - began) / 1000 });
    try {
      const answer = await fetch(href, options);
      tell(answer.status >= 500 || answer.status === 429 ? 'refused' : 'answered');
      return answer;
    } catch (error) {
      // Not counted: the request was never sent.
      if (!(error instanceof ProviderError)) tell('unavailable');
      throw error;
    }
  };
}
