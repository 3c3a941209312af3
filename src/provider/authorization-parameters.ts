import type { Configuration } from 'oidc-provider';

/** Said to the pages of the flow: `consent` is asked for with every request, this only by the client. */
export const choosesAgain = 'chooses_again';

/** Of ours, beside the protocol's: the organization that is preselected, and what we say to our pages. */
export const ownParameters = ['organization', choosesAgain] as const;

/** What oidc-provider 9.13 reads at the authorization endpoint (lib/consts/param_list.js), with the features that we serve. */
const ofTheProtocol = [
  ...['acr_values', 'claims', 'claims_locales', 'client_id', 'code_challenge', 'code_challenge_method', 'display'],
  ...['id_token_hint', 'login_hint', 'max_age', 'nonce', 'prompt', 'redirect_uri', 'registration', 'request'],
  ...['request_uri', 'resource', 'response_mode', 'response_type', 'scope', 'state', 'ui_locales'],
];

/** Which parameters the authorization endpoint knows. */
export interface AuthorizationParameters {
  knows(name: string): boolean;
  /** Those that the configuration of a host adds. */
  add(theirs: Configuration['extraParams']): void;
}

export function createAuthorizationParameters(): AuthorizationParameters {
  const known = new Set<string>(ofTheProtocol);
  known.add('organization');
  return {
    knows: (name) => known.has(name),
    add(theirs) {
      const named = Symbol.iterator in Object(theirs) ? [...(theirs as Iterable<string>)] : Object.keys(theirs ?? {});
      for (const name of named) known.add(name);
    },
  };
}
