import { randomBytes } from 'node:crypto';
import type { InteractionResults } from 'oidc-provider';
import { describeDestination } from '../clients/index.ts';
import { type Connection, type Postponed, proposeLabel } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import { whenKept } from '../storage/index.ts';
import { installationOf, leaveMark } from './installation-mark.ts';
import type { FlowParts } from './parts.ts';
import type { RequestWithConnection } from './request.ts';
import type { Step } from './step.ts';

interface Approval extends RequestWithConnection {
  readonly membership: Membership;
  /** Requested, allowed by the role, and left ticked: never more. */
  readonly scopes: string[];
  readonly unticked: readonly string[];
  /** What the request asks for, without what is allowed already. */
  readonly requested: Pick<RequestWithConnection, 'scopes' | 'identityScopes'>;
}

/** Turns what the person approved into a connection; returns what this step has decided. */
export async function approve(
  step: Step,
  parts: FlowParts,
  approval: Approval,
): Promise<InteractionResults | Postponed> {
  const { ctx, client, requester } = step;
  const { connections, events } = parts;
  const { account, membership, resource, scopes, requested } = approval;

  const id = randomBytes(32).toString('base64url');
  const userAgent = ctx.get('User-Agent').slice(0, 300);
  const now = parts.clock.seconds();
  const installation = installationOf(step, parts, approval);
  const words = parts.pages.words(ctx);
  const { mark } = installation;
  const connection: Connection = {
    id,
    ...(mark !== undefined && { mark }),
    pending: true,
    accountId: account.id,
    clientId: client.clientId,
    clientName: requester.name,
    ...(requester.host !== undefined && { documentHost: requester.host }),
    redirectHost: requester.destination,
    organizationId: membership.organization.id,
    resource: resource.uri,
    // What it has already is not given again: it may have been taken away, or all of it ended, since the page was shown.
    scopes: scopes.filter((scope) => requested.scopes.includes(scope)),
    identityScopes: requested.identityScopes,
    lines: [],
    label: proposeLabel(requester.name, {
      userAgent,
      hosted: describeDestination(step.redirectUri).kind === 'website',
      on: (tool, device) => words.say('label.on-device', { tool, device }),
      unnamed: words.say('label.unnamed'),
    }),
    createdAt: now,
    lastUsedAt: now,
    ...approvedWith(step, parts),
    address: parts.clientAddress(ctx),
    userAgent,
  };
  const { unticked } = approval;
  const kept = await connections.approve({ connection, unticked }, approval.connection, parts.connectionTtl);
  if (!('id' in kept)) return kept;
  leaveMark(step, parts, installation);
  const { organization } = membership;
  const what = { client: client.clientId, connection: kept.id, organization: organization.id, scopes: scopes.length };
  whenKept(() => events.emit({ event: 'consent', account: account.id, ...what }));
  const scope = [...approval.identityScopes, ...scopes].join(' ');
  return { consent: { grantId: kept.id }, approved: { connection: kept.id, organization: organization.name, scope } };
}

/** As far as anything asks for it: the record of a connection is kept for each of them. */
function approvedWith({ signedIn }: Step, { policy }: FlowParts): Pick<Connection, 'signIn'> {
  if (!signedIn || (policy.signIn.tokenClaims.length === 0 && !signedIn.origin)) return {};
  const { since: at, amr, acr, origin } = signedIn;
  return { signIn: { at, amr, ...(acr !== undefined && { acr }), ...(origin && { provider: origin.provider }) } };
}
