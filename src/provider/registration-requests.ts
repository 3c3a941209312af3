import type Provider from 'oidc-provider';
import { understandCredentials } from './client-credentials.ts';
import { explainRegistrationErrors } from './registration-errors.ts';
import type { createRoutes } from './routes.ts';

/** What clients do otherwise than oidc-provider expects, understood before it looks. */
export function understandClients(
  { registration, token, revocation, introspection }: ReturnType<typeof createRoutes>,
  provider: Provider,
) {
  return {
    registrationErrors: explainRegistrationErrors(registration),
    clientCredentials: understandCredentials([token, revocation, introspection], provider),
  };
}
