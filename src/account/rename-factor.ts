import { cleanFactorName, type Factor, maxNameLength } from '../factors/index.ts';
import { seeOther } from '../http/index.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import type { RenamePage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { loadForChange } from './security.ts';

export async function showRenameFactor(request: AccountRequest, parts: AccountParts): Promise<void> {
  const factor = await loadOwn(request, parts);
  if (factor) show(request, parts, { id: factor.id, label: factor.name });
}

export async function submitRenameFactor(request: AccountRequest, parts: AccountParts): Promise<void> {
  const form = await request.readForm();
  const factor = await loadOwn(request, parts);
  if (!factor) return;
  const { ctx, account } = request;
  const name = cleanFactorName(form.get('label'));
  const error = parts.pages.words(ctx).say('rename.empty');
  if (name === '') return show(request, parts, { id: factor.id, label: '', error });
  // Removed meanwhile, in another window.
  if (!(await parts.factors.rename(account.id, factor.id, name))) return ctx.throw(404);
  // Not the name: people write what they like into it.
  parts.events.emit({ event: 'factor.renamed', account: account.id, factor: factor.kind });
  setFlash(ctx, parts, 'renamed');
  seeOther(ctx, parts.links.security);
}

/** The one that the URL names. */
async function loadOwn(request: AccountRequest, parts: AccountParts): Promise<Factor | undefined> {
  const list = await loadForChange(request, parts);
  const factor = list?.factors.find(({ id }) => id === request.ctx.params.id);
  if (list && !factor) return request.ctx.throw(404);
  return factor;
}

interface RenameInput {
  readonly id: string;
  readonly label: string;
  readonly error?: string;
}

function show(request: AccountRequest, parts: AccountParts, { id, ...input }: RenameInput): void {
  const { pages, links } = parts;
  const page: RenamePage = {
    ...signedInFrame(request, parts, 'rename.title'),
    form: request.form(links.renameFactor(id)),
    lead: pages.words(request.ctx).say('factors.name-note'),
    maxLength: maxNameLength,
    cancelHref: links.security,
    ...input,
  };
  pages.show(request.ctx, 'account-rename', page, { status: input.error ? 422 : 200 });
}
