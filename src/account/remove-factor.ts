import type { Factor } from '../factors/index.ts';
import { seeOther } from '../http/index.ts';
import { type AccountRequest, setFlash, signedInFrame } from './account-request.ts';
import type { ConfirmPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { loadForChange } from './security.ts';

export async function showRemoveFactor(request: AccountRequest, parts: AccountParts): Promise<void> {
  const factor = await loadOwn(request, parts);
  if (!factor) return;
  const { pages, links } = parts;
  const { say } = pages.words(request.ctx);
  const name = factor.name || say(`security.kind-${factor.kind}`);
  pages.show(request.ctx, 'account-confirm', {
    ...signedInFrame(request, parts, 'security.remove-title'),
    form: request.form(links.removeFactor(factor.id)),
    heading: say('security.remove-heading', { name }),
    explanation: say(factor.isLast ? 'security.remove-last' : 'security.remove-lead'),
    subjects: [],
    button: say('security.remove-button'),
    destructive: true,
    cancelHref: links.security,
  } satisfies ConfirmPage);
}

export async function submitRemoveFactor(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  const factor = await loadOwn(request, parts);
  if (!factor) return;
  const { ctx, account } = request;
  const removed = await parts.factors.remove(account.id, factor.id);
  // Of two who press at once one has removed it.
  if (removed) {
    parts.events.emit({ event: 'factor.removed', account: account.id, factor: factor.kind });
    parts.tellOwner(ctx, account, `${factor.kind}-removed`);
  }
  setFlash(ctx, parts, 'removed');
  seeOther(ctx, parts.links.security);
}

/** The one that the URL names; not the last one, where there has to be one. */
async function loadOwn(
  request: AccountRequest,
  parts: AccountParts,
): Promise<(Factor & { readonly isLast: boolean }) | undefined> {
  const list = await loadForChange(request, parts);
  const factor = list?.factors.find(({ id }) => id === request.ctx.params.id);
  const isLast = list?.factors.length === 1;
  if (list && (!factor || (isLast && parts.secondStep.isRequired))) return request.ctx.throw(404);
  return factor && { ...factor, isLast };
}
