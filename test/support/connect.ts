import { decodeJwt } from 'jose';
import { type Actions, createPerson } from './person.ts';
import { registerClient } from './relying-party.ts';
import type { TestServer } from './server.ts';

/** A client that registered, a person who approved, and the tokens that came of it. */
export async function connect(
  { issuer, origin }: Pick<TestServer, 'issuer' | 'origin'>,
  {
    actions = {},
    client: metadata = {},
    request = {},
  }: { actions?: Actions; client?: Record<string, unknown>; request?: Record<string, string | undefined> } = {},
) {
  const client = await registerClient(issuer, metadata);
  const person = createPerson(origin);
  const { url, verifier } = client.authorizationRequest(request);
  const answer = await client.exchange(await person.approves(url, actions), verifier);
  const accessToken = answer.body.access_token ?? '';
  const refreshToken = answer.body.refresh_token ?? '';
  if (answer.status !== 200) throw new Error(`not connected: ${JSON.stringify(answer.body)}`);
  return { client, person, answer, accessToken, refreshToken, claims: decodeJwt(accessToken) };
}

export type Connected = Awaited<ReturnType<typeof connect>>;
