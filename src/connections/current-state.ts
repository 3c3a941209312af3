import type { Connection } from './connection.ts';

/** What an access token says that may have changed since. */
export interface StatedByToken {
  readonly organizationId: string;
  readonly organizationRole: string;
  readonly scopes: readonly string[];
}

/** As the store and the directory have it now; no role when the person is no member any more. */
export interface CurrentState {
  readonly connection: Connection | undefined;
  readonly role: string | undefined;
  readonly narrowToRole: (role: string, scopes: readonly string[]) => string[];
}

/**
 * Whether a token says nothing but what holds now. The one rule for every endpoint that is asked about a token: one
 * that says what has changed since counts like a revoked one. The tool renews it without its person, and the next one
 * tells the organization, the role and the permissions of now.
 */
export function isCurrent(stated: StatedByToken, { connection, role, narrowToRole }: CurrentState): boolean {
  if (!connection || role === undefined) return false;
  const allowed = narrowToRole(role, connection.scopes);
  return (
    connection.organizationId === stated.organizationId &&
    role === stated.organizationRole &&
    stated.scopes.every((scope) => allowed.includes(scope))
  );
}
