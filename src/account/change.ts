import type { Connection } from '../connections/index.ts';
import type { Membership } from '../directory/index.ts';
import { seeOther } from '../http/index.ts';
import type { Words } from '../messages/index.ts';
import { presentPermissions, type Resource } from '../resources/index.ts';
import { loadOwnConnection, sortByName } from './access.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import { showRefusal } from './elsewhere.ts';
import type { ChangePage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { presentWait } from './present.ts';
import { identify } from './present-connections.ts';

/** A live connection, the organization that is being looked at for it, and the ones there are. */
interface ChosenOrganization {
  readonly connection: Connection;
  readonly resource: Resource;
  readonly chosen: Membership;
  readonly memberships: readonly Membership[];
}

/** What was sent, and what is wrong with it. */
interface ChangeInput {
  readonly error?: string;
  readonly status?: number;
  readonly ticked?: (scope: string) => boolean;
}

export async function showChange(request: AccountRequest, parts: AccountParts): Promise<void> {
  const named = request.ctx.query.organization;
  const choice = await loadChosen(request, parts, typeof named === 'string' ? named : undefined);
  if (!(await asksForMore(request, parts, choice))) show(request, parts, choice);
}

export async function submitChange(request: AccountRequest, parts: AccountParts): Promise<void> {
  const form = await request.readForm();
  const slug = form.get('organization') ?? '';
  const choice = await loadChosen(request, parts, slug);
  const { connection, chosen } = choice;
  const { links } = parts;
  // The page says which organization it was shown for; whoever left it meanwhile chooses again.
  if (chosen.organization.slug !== slug) return seeOther(request.ctx, links.change(connection.id));
  if (await asksForMore(request, parts, choice)) return;

  const ticked = new Set(form.getAll('scope'));
  const scopes = grantableIn(choice, parts).filter((scope) => ticked.has(scope));
  if (scopes.length === 0) {
    const error = parts.pages.words(request.ctx).say('change.none-ticked');
    return show(request, parts, choice, { error, status: 422, ticked: (scope) => ticked.has(scope) });
  }
  const organizationId = chosen.organization.id;
  const admission = await parts.connections.admitChange(connection.id, { organizationId, scopes });
  if (!admission.allowed) {
    const { retryAfterSeconds } = admission;
    request.ctx.set('Retry-After', String(retryAfterSeconds));
    const error = presentWait(retryAfterSeconds, parts.pages.words(request.ctx));
    return show(request, parts, choice, { error, status: 429, ticked: (scope) => ticked.has(scope) });
  }
  const changed = await parts.connections.change(connection.id, { organizationId, scopes });
  if (!changed) return request.ctx.throw(404);
  parts.events.emit({
    event: 'connection.changed',
    account: connection.accountId,
    client: connection.clientId,
    connection: connection.id,
    organization: organizationId,
    scopes: changed.scopes.length,
  });
  setFlash(request.ctx, parts, 'changed');
  seeOther(request.ctx, links.connection(connection.id));
}

/**
 * An organization that wants its people to sign in at a place of its own, or with a second factor, gets no connection from
 * anybody who has not.
 */
async function asksForMore(request: AccountRequest, parts: AccountParts, choice: ChosenOrganization): Promise<boolean> {
  const { connection, chosen } = choice;
  const { organization } = chosen;
  if (connection.organizationId === organization.id) return false;
  if (asksForItsProvider(request, parts, choice)) return true;
  if (!parts.secondStep.isMissingFor(organization.slug, request.signedIn)) return false;
  const { links, factors } = parts;
  const { factors: own } = await factors.list(request.account.id);
  const href = own.length > 0 ? links.signIn(links.change(connection.id, organization.slug)) : links.security;
  showRefusal(request.ctx, parts, { kind: 'factor-required', organization: organization.name }, href);
  return true;
}

function asksForItsProvider(request: AccountRequest, parts: AccountParts, choice: ChosenOrganization): boolean {
  const { connection, chosen } = choice;
  const { slug, name } = chosen.organization;
  const [place, ...others] = parts.waysIn.missingFor(slug, request.origin);
  if (!place) return false;
  const { links } = parts;
  const href = `${links.signIn(links.change(connection.id, slug))}${others.length > 0 ? '' : `&with=${place.id}`}`;
  showRefusal(request.ctx, parts, { kind: 'place-required', organization: name }, href);
  return true;
}

async function loadChosen(
  request: AccountRequest,
  parts: AccountParts,
  slug: string | undefined,
): Promise<ChosenOrganization> {
  const { connection, membership, memberships } = await loadOwnConnection(request, parts);
  const resource = parts.catalogue.find(connection.resource);
  const chosen = memberships.find(({ organization }) => organization.slug === slug) ?? membership ?? memberships[0];
  if (!resource || !chosen) return request.ctx.throw(404);
  return { connection, resource, chosen, memberships };
}

/** Of what the connection has, what the role in the chosen organization allows: it never gets more. */
function grantableIn({ connection, chosen }: ChosenOrganization, { narrowToRole }: AccountParts): string[] {
  return narrowToRole(chosen.role, connection.scopes);
}

function show(
  request: AccountRequest,
  parts: AccountParts,
  choice: ChosenOrganization,
  { error, ticked = () => true, status = 200 }: ChangeInput = {},
) {
  const { connection, resource, chosen, memberships } = choice;
  const { slug, name } = chosen.organization;
  const page: ChangePage = {
    ...signedInFrame(request, parts, 'change.title', { label: connection.label }),
    // In the URL as well: whoever has to sign in before this form counts comes back to the same choice.
    form: request.form(parts.links.change(connection.id, slug)),
    label: connection.label,
    client: identify(connection, parts),
    resource: { uri: resource.uri },
    organization: { slug, name, role: chosen.role },
    organizations: memberships.length > 1 ? presentChoices(choice, parts, parts.pages.words(request.ctx)) : [],
    ...presentPermissions(resource, parts.pages.words(request.ctx), {
      grantable: grantableIn(choice, parts),
      requested: connection.scopes,
      ticked,
    }),
    cancelHref: parts.links.connection(connection.id),
    ...(error && { error }),
  };
  parts.pages.show(request.ctx, 'account-change', page, { status });
}

function presentChoices(
  { connection, chosen, memberships }: ChosenOrganization,
  { links }: AccountParts,
  words: Words,
): ChangePage['organizations'] {
  return sortByName(memberships, words).map(({ organization, role }) => ({
    name: organization.name,
    role,
    href: links.change(connection.id, organization.slug),
    isChosen: organization.id === chosen.organization.id,
    isCurrent: organization.id === connection.organizationId,
  }));
}
