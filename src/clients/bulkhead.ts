import { DocumentError } from './document-errors.ts';

/**
 * Bounds how much goes on at once, in all and for one domain, and rejects what is beyond: strangers decide what is
 * fetched, and may let us wait. It does not queue, because a queue would fill up as well.
 */
interface Bulkhead {
  /** Throws `DocumentError` at once where there is no place. */
  run<Result>(host: string, task: () => Promise<Result>): Promise<Result>;
}

export interface Bulkheads {
  /** Each costs a question to a name server, for half as long as a document may take. */
  readonly lookups: Bulkhead;
  /** Each costs a socket, for as long as a document may take. */
  readonly connections: Bulkhead;
}

/** Apart, so that whoever has a name server that never answers takes no connection from others. */
export function createBulkheads(): Bulkheads {
  const perDomain = 8;
  return { lookups: createBulkhead({ total: 256, perDomain }), connections: createBulkhead({ total: 64, perDomain }) };
}

const busySeconds = 3;

function createBulkhead(limits: { total: number; perDomain: number }): Bulkhead {
  const running = new Map<string, number>();
  let total = 0;

  const change = (domain: string, by: number) => {
    const count = (running.get(domain) ?? 0) + by;
    if (count > 0) running.set(domain, count);
    else running.delete(domain);
    total += by;
  };

  return {
    async run(host, task) {
      const domain = domainOf(host);
      if (total >= limits.total || (running.get(domain) ?? 0) >= limits.perDomain) {
        const options = { kind: 'busy', retryAfterSeconds: busySeconds } as const;
        throw new DocumentError('too many documents are being fetched', options);
      }
      change(domain, 1);
      try {
        return await task();
      } finally {
        change(domain, -1);
      }
    },
  };
}

/**
 * Names below a domain are free, and its owner runs their name server, so they share their places. The last two labels:
 * where many owners share them (`co.uk`) they share the places as well, which only an attack makes them notice.
 */
export function domainOf(host: string): string {
  return host.split('.').slice(-2).join('.');
}
