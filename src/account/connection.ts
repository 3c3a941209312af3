import { cleanLabel, maxLabelLength } from '../connections/index.ts';
import { seeOther } from '../http/index.ts';
import { presentLearned } from '../resources/index.ts';
import { loadOwnConnection } from './access.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import type { ConnectionPage, RenamePage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { identify, presentConnection } from './present-connections.ts';

export async function showConnection(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { connection, membership, memberships } = await loadOwnConnection(request, parts);
  const { links } = parts;
  const words = parts.pages.words(request.ctx);
  const page: ConnectionPage = {
    ...signedInFrame(request, parts, 'connection.title', { label: connection.label }),
    connection: presentConnection({ connection, membership }, parts, words, {
      href: links.connection(connection.id),
      act: 'manage',
    }),
    client: { ...identify(connection, parts), redirectHost: connection.redirectHost },
    role: membership?.role ?? words.say('connection.no-role'),
    // Where it is now.
    resource: parts.catalogue.find(connection.resource) ?? { uri: connection.resource },
    learns: presentLearned(connection.identityScopes, words),
    renameHref: links.rename(connection.id),
    ...(memberships.length > 0 && { changeHref: links.change(connection.id) }),
    disconnectHref: links.disconnect(connection.id),
    overviewHref: links.overview,
  };
  parts.pages.show(request.ctx, 'account-connection', page);
}

export async function showRename(request: AccountRequest, parts: AccountParts): Promise<void> {
  const { connection } = await loadOwnConnection(request, parts);
  show(request, parts, { id: connection.id, label: connection.label });
}

export async function submitRename(request: AccountRequest, parts: AccountParts): Promise<void> {
  const form = await request.readForm();
  const { connection } = await loadOwnConnection(request, parts);
  const label = cleanLabel(form.get('label') ?? '');
  if (!label) {
    return show(request, parts, {
      id: connection.id,
      label: '',
      error: parts.pages.words(request.ctx).say('rename.empty'),
    });
  }
  await parts.connections.rename(connection.id, label);
  const { id, accountId: account, clientId: client, organizationId: organization } = connection;
  // Not the name: people write what they like into it.
  parts.events.emit({ event: 'connection.renamed', account, client, connection: id, organization });
  setFlash(request.ctx, parts, 'renamed');
  seeOther(request.ctx, parts.links.connection(connection.id));
}

interface RenameInput {
  readonly id: string;
  readonly label: string;
  readonly error?: string;
}

function show(request: AccountRequest, parts: AccountParts, { id, ...input }: RenameInput) {
  const page: RenamePage = {
    ...signedInFrame(request, parts, 'rename.title'),
    form: request.form(parts.links.rename(id)),
    lead: parts.pages.words(request.ctx).say('rename.lead'),
    maxLength: maxLabelLength,
    cancelHref: parts.links.connection(id),
    ...input,
  };
  parts.pages.show(request.ctx, 'account-rename', page, { status: input.error ? 422 : 200 });
}
