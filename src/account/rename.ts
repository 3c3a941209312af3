import { cleanLabel, maxLabelLength } from '../connections/index.ts';
import { leaveNotice } from './notice.ts';
import { hrefOfConnection } from './overview.ts';
import { loadOwnConnection } from './own-connections.ts';
import type { RenamePage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { goTo, showPage, signedInFrame, type Visit } from './visit.ts';

export async function showRename(visit: Visit, parts: AccountParts): Promise<void> {
  const { connection } = await loadOwnConnection(visit, parts);
  show(visit, parts, { id: connection.id, label: connection.label });
}

export async function submitRename(visit: Visit, parts: AccountParts): Promise<void> {
  const form = await visit.readForm();
  const { connection } = await loadOwnConnection(visit, parts);
  const label = cleanLabel(form.get('label') ?? '');
  if (!label) {
    return show(visit, parts, { id: connection.id, label: '', error: 'Give it a name that you will recognize.' });
  }
  await parts.connections.rename(connection.id, label);
  leaveNotice(visit.ctx, parts, 'renamed');
  goTo(visit.ctx, hrefOfConnection(connection.id));
}

function show(visit: Visit, parts: AccountParts, { id, ...input }: { id: string; label: string; error?: string }) {
  const href = hrefOfConnection(id);
  const page: RenamePage = {
    ...signedInFrame(visit, parts, 'Rename'),
    form: visit.form(`${href}/rename`),
    maxLength: maxLabelLength,
    cancelHref: href,
    ...input,
  };
  showPage(visit.ctx, parts, 'account-rename', page, input.error ? 422 : 200);
}
