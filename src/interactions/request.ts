import type { Connection } from '../connections/index.ts';
import { type Account, findAccountWithMemberships, type Membership } from '../directory/index.ts';
import { identityScopes, type Resource } from '../resources/index.ts';
import { FlowEnded } from './error-words.ts';
import type { FlowParts } from './parts.ts';
import type { Step } from './step.ts';

/** What a person is asked to approve, whatever page shows it. */
export interface Request {
  readonly account: Account;
  readonly memberships: Membership[];
  readonly resource: Resource;
  /** Concrete, in catalogue order. */
  readonly scopes: string[];
  /** `openid`, `offline_access` and the like. */
  readonly identityScopes: string[];
}

/** The same for one organization: with the connection that this installation has there. */
export interface RequestWithConnection extends Request {
  readonly connection: Connection | undefined;
}

/** With what this installation has for the organization already: that goes on being allowed, and is shown. */
export function withAllowed(request: RequestWithConnection): RequestWithConnection {
  const { connection } = request;
  if (!connection) return request;
  const { resource, scopes, identityScopes: requested } = request;
  const isMeant = (scope: string) => scopes.includes(scope) || connection.scopes.includes(scope);
  return {
    ...request,
    scopes: resource.scopes.map(({ name }) => name).filter(isMeant),
    identityScopes: identityScopes.filter(
      (scope) => requested.includes(scope) || connection.identityScopes.includes(scope),
    ),
  };
}

/** The client wants everything to be chosen anew, the organization too. */
export function choosesEverything({ interaction }: Step): boolean {
  return interaction.params.chooses_again !== undefined;
}

export async function loadRequest({ interaction }: Step, { directory, catalogue }: FlowParts): Promise<Request> {
  const accountId = interaction.session?.accountId;
  const found = accountId ? await findAccountWithMemberships(directory, accountId) : undefined;
  const resource = catalogue.find(String(interaction.params.resource));
  if (!found) throw new FlowEnded('its account is gone');
  if (!resource) throw new FlowEnded('its resource is served no more');
  const requested = String(interaction.params.scope ?? '').split(' ');
  return {
    ...found,
    resource,
    scopes: resource.expand(requested),
    identityScopes: identityScopes.filter((scope) => requested.includes(scope)),
  };
}

export function findBySlug(memberships: readonly Membership[], slug: string | null): Membership | undefined {
  return memberships.find(({ organization }) => organization.slug === slug);
}

/** The client wants the person to choose again (`prompt=select_account`), and they have not chosen yet in this flow. */
export function asksToChoose({ ctx, interaction }: Step): boolean {
  const prompts = String(interaction.params.prompt ?? '').split(' ');
  return (
    prompts.includes('select_account') && ctx.query.organization === undefined && !interaction.lastSubmission?.login
  );
}

/** Ways of signing in, one of which the client wants (OIDC Core §3.1.2.1). */
export function acrValuesOf({ interaction }: Step): string[] {
  return String(interaction.params.acr_values ?? '')
    .split(' ')
    .filter(Boolean);
}
