import { acceptEmptySecrets } from './empty-secret.ts';
import { explainRegistrationErrors } from './registration-errors.ts';
import type { createRoutes } from './routes.ts';

/** What clients do otherwise than oidc-provider expects, understood before it looks. */
export function understandClients({ registration, token, revocation, introspection }: ReturnType<typeof createRoutes>) {
  return {
    registrationErrors: explainRegistrationErrors(registration),
    emptySecrets: acceptEmptySecrets([token, revocation, introspection]),
  };
}
