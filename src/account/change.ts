import type { Connection } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import { presentPermissions, type Resource } from '../resources/index.ts';
import { presentWait } from './moment.ts';
import { leaveNotice } from './notice.ts';
import { hrefOfConnection } from './overview.ts';
import { loadOwnConnection } from './own-connections.ts';
import type { ChangePage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { goTo, showPage, signedInFrame, type Visit } from './visit.ts';

/** A live connection, the organization that is being looked at for it, and the ones there are. */
interface Choice {
  readonly connection: Connection;
  readonly resource: Resource;
  readonly chosen: Membership;
  readonly memberships: readonly Membership[];
}

/** What was sent, and what is wrong with it. */
interface Input {
  readonly error?: string;
  readonly status?: number;
  readonly ticked?: (scope: string) => boolean;
}

export async function showChange(visit: Visit, parts: AccountParts): Promise<void> {
  const named = visit.ctx.query.organization;
  show(visit, parts, await loadChoice(visit, parts, typeof named === 'string' ? named : undefined));
}

export async function submitChange(visit: Visit, parts: AccountParts): Promise<void> {
  const form = await visit.readForm();
  const slug = form.get('organization') ?? '';
  const choice = await loadChoice(visit, parts, slug);
  const { connection, chosen } = choice;
  const href = hrefOfConnection(connection.id);
  // The page says which organization it was shown for; whoever left it meanwhile chooses again.
  if (chosen.organization.slug !== slug) return goTo(visit.ctx, `${href}/change`);

  const ticked = new Set(form.getAll('scope'));
  const scopes = grantableIn(choice, parts).filter((scope) => ticked.has(scope));
  if (scopes.length === 0) {
    const error = 'Leave at least one permission ticked, or disconnect the tool.';
    return show(visit, parts, choice, { error, status: 422, ticked: (scope) => ticked.has(scope) });
  }
  const organizationId = chosen.organization.id;
  const admission = await parts.connections.admitChange(connection.id, organizationId);
  if (!admission.allowed) {
    const { retryAfterSeconds } = admission;
    visit.ctx.set('Retry-After', String(retryAfterSeconds));
    const error = `This connection was changed very often. Nothing is saved; try again ${presentWait(retryAfterSeconds)}.`;
    return show(visit, parts, choice, { error, status: 429, ticked: (scope) => ticked.has(scope) });
  }
  const changed = await parts.connections.change(connection.id, { organizationId, scopes });
  if (!changed) return visit.ctx.throw(404);
  parts.log.info(
    {
      event: 'connection.changed',
      connection: connection.id,
      organization: organizationId,
      scopes: changed.scopes.length,
    },
    'connection changed',
  );
  leaveNotice(visit.ctx, parts, 'changed');
  goTo(visit.ctx, href);
}

async function loadChoice(visit: Visit, parts: AccountParts, slug: string | undefined): Promise<Choice> {
  const { connection, membership, memberships } = await loadOwnConnection(visit, parts);
  const resource = parts.catalogue.find(connection.resource);
  const chosen = memberships.find(({ organization }) => organization.slug === slug) ?? membership ?? memberships[0];
  if (!resource || !chosen) return visit.ctx.throw(404);
  return { connection, resource, chosen, memberships };
}

function hrefOfChange({ id }: Connection, slug: string): string {
  return `${hrefOfConnection(id)}/change?organization=${encodeURIComponent(slug)}`;
}

/** Of what the connection has, what the role in the chosen organization allows: it never gets more. */
function grantableIn({ connection, chosen }: Choice, { narrowToRole }: AccountParts): string[] {
  return narrowToRole(chosen.role, connection.scopes);
}

function show(
  visit: Visit,
  parts: AccountParts,
  choice: Choice,
  { error, ticked = () => true, status = 200 }: Input = {},
) {
  const { connection, resource, chosen, memberships } = choice;
  const href = hrefOfConnection(connection.id);
  const { slug, name } = chosen.organization;
  const page: ChangePage = {
    ...signedInFrame(visit, parts, `Change ${connection.label}`),
    // In the URL as well: whoever has to sign in before this form counts comes back to the same choice.
    form: visit.form(hrefOfChange(connection, slug)),
    label: connection.label,
    resource: { uri: resource.uri },
    organization: { slug, name, role: chosen.role },
    organizations: memberships.length > 1 ? presentChoices(choice) : [],
    ...presentPermissions(resource, {
      grantable: grantableIn(choice, parts),
      requested: connection.scopes,
      ticked,
    }),
    cancelHref: href,
    ...(error && { error }),
  };
  showPage(visit.ctx, parts, 'account-change', page, status);
}

function presentChoices({ connection, chosen, memberships }: Choice): ChangePage['organizations'] {
  return memberships.map(({ organization, role }) => ({
    name: organization.name,
    role,
    href: hrefOfChange(connection, organization.slug),
    isChosen: organization.id === chosen.organization.id,
    isCurrent: organization.id === connection.organizationId,
  }));
}
