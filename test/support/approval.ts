import type { Actions, Person } from './person.ts';
import type { RelyingParty, TokenAnswer } from './relying-party.ts';

/** What a person approved, and the tool has not redeemed yet. */
export interface Approval {
  readonly callback: URL;
  readonly code: string;
  readonly verifier: string;
  readonly state: string;
  redeem(parameters?: Record<string, string>): Promise<TokenAnswer>;
}

export async function approve(
  client: RelyingParty,
  person: Person,
  request: Record<string, string | undefined> = {},
  actions: Actions = {},
): Promise<Approval> {
  const { url, verifier, state } = client.authorizationRequest(request);
  const callback = await person.approves(url, actions);
  const redeem = (parameters = {}) => client.exchange(callback, verifier, parameters);
  return { callback, code: callback.searchParams.get('code') ?? '', verifier, state, redeem };
}
