import { clientKeyOf, hrefOfDisconnectClient } from './clients.ts';
import { leaveNotice } from './notice.ts';
import { hrefOfConnection, overviewHref } from './overview.ts';
import { findOwnConnections, loadOwnConnection } from './own-connections.ts';
import type { ConfirmPage } from './pages.ts';
import { pageSize } from './paging.ts';
import type { AccountParts } from './parts.ts';
import { type Held, presentConnection } from './present-connection.ts';
import { goTo, showPage, signedInFrame, type Visit } from './visit.ts';

const explanation =
  'It can do nothing more from now on. Whenever you want to use it again, connect it again from the tool.';

export async function showDisconnect(visit: Visit, parts: AccountParts): Promise<void> {
  const held = await loadOwnConnection(visit, parts);
  const href = hrefOfConnection(held.connection.id);
  const page: ConfirmPage = {
    ...signedInFrame(visit, parts, 'Disconnect'),
    form: visit.form(`${href}/disconnect`),
    heading: `Disconnect ${held.connection.label}?`,
    explanation,
    subjects: presentSubjects([held], parts),
    button: 'Disconnect',
    destructive: true,
    cancelHref: href,
  };
  showPage(visit.ctx, parts, 'account-confirm', page);
}

export async function submitDisconnect(visit: Visit, parts: AccountParts): Promise<void> {
  await visit.readForm();
  const { connection } = await loadOwnConnection(visit, parts);
  await parts.connections.end(connection.id, 'revoked by the person');
  leaveNotice(visit.ctx, parts, 'disconnected');
  goTo(visit.ctx, overviewHref);
}

export async function showDisconnectClient(visit: Visit, parts: AccountParts): Promise<void> {
  const held = await loadOfClient(visit, parts);
  const page: ConfirmPage = {
    ...signedInFrame(visit, parts, 'Disconnect all'),
    // In the URL: whoever has to sign in before this form counts comes back to the same question.
    form: visit.form(hrefOfDisconnectClient(clientKeyOf(held[0].connection))),
    heading: `Disconnect all of ${held[0].connection.clientName}?`,
    explanation: held.length > pageSize ? `${presentCount(held.length)} ${explanation}` : explanation,
    subjects: presentSubjects(held.slice(0, pageSize), parts),
    button: 'Disconnect all',
    destructive: true,
    cancelHref: overviewHref,
  };
  showPage(visit.ctx, parts, 'account-confirm', page);
}

export async function submitDisconnectClient(visit: Visit, parts: AccountParts): Promise<void> {
  await visit.readForm();
  const held = await loadOfClient(visit, parts);
  await Promise.all(held.map(({ connection }) => parts.connections.end(connection.id, 'revoked by the person')));
  leaveNotice(visit.ctx, parts, 'disconnected');
  goTo(visit.ctx, overviewHref);
}

/** Only ever mine: another person's connections of the same client are not touched. */
async function loadOfClient(visit: Visit, parts: AccountParts): Promise<[Held, ...Held[]]> {
  const own = await findOwnConnections(visit, parts);
  const [first, ...others] = own.filter(({ connection }) => clientKeyOf(connection) === visit.ctx.query.client);
  return first ? [first, ...others] : visit.ctx.throw(404);
}

function presentCount(count: number): string {
  return `It has ${count.toLocaleString('en-GB')} connections; the newest ${pageSize} are listed.`;
}

function presentSubjects(held: readonly Held[], parts: AccountParts): ConfirmPage['subjects'] {
  return held.map((each) => {
    const { label, organization, renewed } = presentConnection(each, parts, { href: '', act: '' });
    return { name: label, note: `${organization} · last renewed ${renewed.words}` };
  });
}
