import { DocumentFault } from './document-fault.ts';

/** How much goes on at once, in all and for one domain: strangers decide what is asked for, and may let us wait. */
export interface Turns {
  /** Throws `DocumentFault` at once when it is nobody's turn: a queue would fill up as well. */
  take<Result>(host: string, task: () => Promise<Result>): Promise<Result>;
}

export interface Traffic {
  /** Each costs a question to a name server, for half as long as a document may take. */
  readonly lookups: Turns;
  /** Each costs a socket, for as long as a document may take. */
  readonly connections: Turns;
}

/** Apart, so that whoever has a name server that never answers takes no connection from others. */
export function createTraffic(): Traffic {
  const each = 8;
  return { lookups: createTurns({ all: 256, each }), connections: createTurns({ all: 64, each }) };
}

const busySeconds = 3;

function createTurns({ all, each }: { all: number; each: number }): Turns {
  const taken = new Map<string, number>();
  let total = 0;

  const change = (domain: string, by: number) => {
    const count = (taken.get(domain) ?? 0) + by;
    if (count > 0) taken.set(domain, count);
    else taken.delete(domain);
    total += by;
  };

  return {
    async take(host, task) {
      const domain = domainOf(host);
      if (total >= all || (taken.get(domain) ?? 0) >= each) {
        throw new DocumentFault('too many documents are being fetched', {
          kind: 'busy',
          retryAfterSeconds: busySeconds,
        });
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
 * Names below a domain are free, and its owner runs their name server, so they share their turns. The last two labels:
 * where many owners share them (`co.uk`) they share the turns as well, which only an attack makes them notice.
 */
function domainOf(host: string): string {
  return host.split('.').slice(-2).join('.');
}
