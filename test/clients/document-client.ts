import { type RelyingParty, relyingParty } from '../support/relying-party.ts';

/** A client that is described by a document at its id; nothing of it is registered. */
export function documentClient(issuer: string, clientId: string, redirectUri: string): RelyingParty {
  const party = relyingParty(issuer, { client_id: clientId, redirect_uris: [redirectUri] });
  const authorizationRequest: RelyingParty['authorizationRequest'] = (parameters = {}) =>
    party.authorizationRequest({ scope: 'project:read', ...parameters });
  return { ...party, authorizationRequest };
}
