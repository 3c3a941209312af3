/** The network of one app, and what came over it. */
export interface Wire {
  readonly fetch: typeof fetch;
  /** One line an answer: `POST /mcp 403 insufficient_scope`; the error only where the answer is a challenge. */
  readonly answers: readonly string[];
  /** How many answers begin so. */
  count(beginning: string): number;
}

export function createWire(): Wire {
  const answers: string[] = [];
  return {
    answers,
    count: (beginning) => answers.filter((answer) => answer.startsWith(beginning)).length,
    async fetch(input, init) {
      const response = await fetch(input, init);
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const error = /error="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1];
      answers.push([init?.method ?? 'GET', pathname, response.status, error].filter(Boolean).join(' '));
      return response;
    },
  };
}
