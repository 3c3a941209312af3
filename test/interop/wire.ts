/** The network of one app, and what came over it. */
export interface Wire {
  readonly fetch: typeof fetch;
  /** One line an answer: `POST /mcp 403 insufficient_scope`; the error only where the answer is a challenge. */
  readonly answers: readonly string[];
  /** How many answers begin so. */
  count(beginning: string): number;
}

/** `sends`: headers beside those of the app. */
export function createWire(sends: Record<string, string> = {}): Wire {
  const answers: string[] = [];
  return {
    answers,
    count: (beginning) => answers.filter((answer) => answer.startsWith(beginning)).length,
    async fetch(input, init) {
      const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
      for (const [name, value] of Object.entries(sends)) headers.set(name, value);
      const response = await fetch(input, { ...init, headers });
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const error = /error="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1];
      answers.push([init?.method ?? 'GET', pathname, response.status, error].filter(Boolean).join(' '));
      return response;
    },
  };
}
