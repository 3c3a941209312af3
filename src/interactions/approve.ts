import { randomBytes } from 'node:crypto';
import type { InteractionResults } from 'oidc-provider';
import { describeDestination } from '../clients/index.ts';
import { proposeLabel } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import type { FlowParts } from './parts.ts';
import type { Request } from './request.ts';
import type { Step } from './step.ts';

interface Approval extends Omit<Request, 'memberships'> {
  readonly membership: Membership;
  /** Requested, allowed by the role, and left ticked (decision 9). */
  readonly scopes: string[];
}

/** Turns what the person approved into a connection; returns what this step has decided. */
export async function approve(step: Step, parts: FlowParts, approval: Approval): Promise<InteractionResults> {
  const { ctx, client, requester } = step;
  const { connections, events } = parts;
  const { account, membership, resource, scopes } = approval;

  const id = randomBytes(32).toString('base64url');
  const userAgent = ctx.get('User-Agent').slice(0, 300);
  const now = parts.clock.seconds();
  const connection = {
    id,
    accountId: account.id,
    clientId: client.clientId,
    clientName: requester.name,
    ...(requester.documentHost && { documentHost: requester.documentHost }),
    redirectHost: requester.destination,
    organizationId: membership.organization.id,
    resource: resource.uri,
    scopes,
    identityScopes: approval.identityScopes,
    lines: [],
    label: proposeLabel(requester.name, {
      userAgent,
      hosted: describeDestination(step.redirectUri).kind === 'website',
    }),
    createdAt: now,
    lastUsedAt: now,
    address: parts.clientAddress(ctx),
    userAgent,
  };
  await connections.begin(connection, parts.connectionTtl);
  events.emit({
    event: 'consent',
    account: account.id,
    client: client.clientId,
    connection: id,
    organization: membership.organization.id,
    scopes: scopes.length,
  });
  return { consent: { grantId: id }, approved: { connection: id, organization: membership.organization.name } };
}
