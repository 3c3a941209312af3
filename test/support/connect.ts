import { decodeJwt, type JWTPayload } from 'jose';
import { type Actions, createPerson, type Person } from './person.ts';
import { type RelyingParty, registerClient, type TokenAnswer } from './relying-party.ts';
import type { TestServer } from './server.ts';

export interface Connected {
  readonly client: RelyingParty;
  readonly person: Person;
  readonly answer: TokenAnswer;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly claims: JWTPayload & Record<string, unknown>;
}

/** A client that registered, a person who approved, and the tokens that came of it. */
export async function connect(
  { issuer, origin }: Pick<TestServer, 'issuer' | 'origin'>,
  {
    actions = {},
    client: metadata = {},
    request = {},
  }: { actions?: Actions; client?: Record<string, unknown>; request?: Record<string, string | undefined> } = {},
): Promise<Connected> {
  const client = await registerClient(issuer, metadata);
  const person = createPerson(origin);
  const { url, verifier } = client.authorizationRequest(request);
  const answer = await client.exchange(await person.approves(url, actions), verifier);
  const accessToken = answer.body.access_token ?? '';
  const refreshToken = answer.body.refresh_token ?? '';
  if (answer.status !== 200) throw new Error(`not connected: ${JSON.stringify(answer.body)}`);
  return { client, person, answer, accessToken, refreshToken, claims: decodeJwt(accessToken) };
}
