import { decodeJwt, type JWTPayload } from 'jose';
import { approve } from './approval.ts';
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

type Request = Record<string, string | undefined>;

/** A client that the server knows already, a person who approved, and the tokens that came of it. */
export async function connectClient(
  client: RelyingParty,
  person: Person,
  request: Request = {},
  actions: Actions = {},
): Promise<Connected> {
  const answer = await (await approve(client, person, request, actions)).redeem();
  const accessToken = answer.body.access_token ?? '';
  const refreshToken = answer.body.refresh_token ?? '';
  if (answer.status !== 200) throw new Error(`not connected: ${JSON.stringify(answer.body)}`);
  return { client, person, answer, accessToken, refreshToken, claims: decodeJwt(accessToken) };
}

/** The same, of a client that registered for it. */
export async function connect(
  { issuer, origin }: Pick<TestServer, 'issuer' | 'origin'>,
  { actions, client = {}, request }: { actions?: Actions; client?: Record<string, unknown>; request?: Request } = {},
): Promise<Connected> {
  return connectClient(await registerClient(issuer, client), createPerson(origin), request, actions);
}
