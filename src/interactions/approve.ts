import { randomBytes } from 'node:crypto';
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

/** Turns what the person approved into a Grant and the connection it is; returns where the browser goes on. */
export async function approve(step: Step, parts: FlowParts, approval: Approval): Promise<string> {
  const { ctx, client, requester } = step;
  const { provider, connections, log } = parts;
  const { account, membership, resource, scopes } = approval;

  const id = randomBytes(32).toString('base64url');
  const userAgent = ctx.get('User-Agent').slice(0, 300);
  const now = Math.floor(Date.now() / 1000);
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
  log.info(
    { event: 'consent', client: client.clientId, connection: id, organization: membership.organization.id },
    'approved',
  );
  return provider.interactionResult(ctx.req, ctx.res, { consent: { grantId: id } });
}
