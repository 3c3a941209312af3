/** The authorization server, as its console knows it: where it is, and the client that the console is there. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly client: string;
  readonly secret: string;
}

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One call from server to server: as the client of the console, without following anybody elsewhere. */
export async function call(server: AuthorizationServer, path: string, body?: unknown): Promise<Answered> {
  const credential = [server.client, server.secret].map(encodeURIComponent).join(':'); // RFC 6749 §2.3.1
  const response = await fetch(`${server.issuer}/oauth/directory/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(credential).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(5_000),
  });
  // A proxy in between may answer with a page.
  const answer = await response.json().catch(() => ({}));
  return { status: response.status, body: answer as Record<string, unknown> };
}
