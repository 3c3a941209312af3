import { seeOther } from '../http/index.ts';
import { type ConnectionWithMembership, findOwnConnections, loadOwnConnection } from './access.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import type { ConfirmPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { pageSize } from './present.ts';
import { clientKeyOf, presentConnection } from './present-connections.ts';

const explanation =
  'It can do nothing more from now on. Whenever you want to use it again, connect it again from the tool.';

export async function showDisconnect(request: AccountRequest, parts: AccountParts): Promise<void> {
  const held = await loadOwnConnection(request, parts);
  const { id } = held.connection;
  const page: ConfirmPage = {
    ...signedInFrame(request, parts, 'Disconnect'),
    form: request.form(parts.links.disconnect(id)),
    heading: `Disconnect ${held.connection.label}?`,
    explanation,
    subjects: presentSubjects([held], parts),
    button: 'Disconnect',
    destructive: true,
    cancelHref: parts.links.connection(id),
  };
  parts.pages.show(request.ctx, 'account-confirm', page);
}

export async function submitDisconnect(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const { connection } = await loadOwnConnection(request, parts);
  await parts.connections.end(connection.id, 'revoked by the person');
  setFlash(request.ctx, parts, 'disconnected');
  seeOther(request.ctx, parts.links.overview);
}

export async function showDisconnectClient(request: AccountRequest, parts: AccountParts): Promise<void> {
  const held = await loadOfClient(request, parts);
  const page: ConfirmPage = {
    ...signedInFrame(request, parts, 'Disconnect all'),
    // In the URL: whoever has to sign in before this form counts comes back to the same question.
    form: request.form(parts.links.disconnectClient(clientKeyOf(held[0].connection))),
    heading: `Disconnect all of ${held[0].connection.clientName}?`,
    explanation: held.length > pageSize ? `${presentCount(held.length)} ${explanation}` : explanation,
    subjects: presentSubjects(held.slice(0, pageSize), parts),
    button: 'Disconnect all',
    destructive: true,
    cancelHref: parts.links.overview,
  };
  parts.pages.show(request.ctx, 'account-confirm', page);
}

export async function submitDisconnectClient(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const held = await loadOfClient(request, parts);
  await Promise.all(held.map(({ connection }) => parts.connections.end(connection.id, 'revoked by the person')));
  setFlash(request.ctx, parts, 'disconnected');
  seeOther(request.ctx, parts.links.overview);
}

/** Only ever mine: another person's connections of the same client are not touched. */
async function loadOfClient(
  request: AccountRequest,
  parts: AccountParts,
): Promise<[ConnectionWithMembership, ...ConnectionWithMembership[]]> {
  const own = await findOwnConnections(request, parts);
  const [first, ...others] = own.filter(({ connection }) => clientKeyOf(connection) === request.ctx.query.client);
  return first ? [first, ...others] : request.ctx.throw(404);
}

function presentCount(count: number): string {
  return `It has ${count.toLocaleString('en-GB')} connections; the newest ${pageSize} are listed.`;
}

function presentSubjects(held: readonly ConnectionWithMembership[], parts: AccountParts): ConfirmPage['subjects'] {
  return held.map((each) => {
    const { label, organization, renewed } = presentConnection(each, parts, { href: '', act: '' });
    return { name: label, note: `${organization} · last renewed ${renewed.words}` };
  });
}
