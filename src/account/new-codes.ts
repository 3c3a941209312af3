import { type AccountRequest, signedInFrame } from './account-request.ts';
import type { ConfirmPage } from './pages.ts';
import type { AccountParts } from './parts.ts';
import { loadForChange } from './security.ts';

export async function showNewCodes(request: AccountRequest, parts: AccountParts): Promise<void> {
  if (!(await loadForChange(request, parts))) return;
  const { pages, links } = parts;
  const { say } = pages.words(request.ctx);
  pages.show(request.ctx, 'account-confirm', {
    ...signedInFrame(request, parts, 'security.codes-title'),
    form: request.form(links.recoveryCodes),
    heading: say('security.codes-heading'),
    explanation: say('security.codes-lead'),
    subjects: [],
    button: say('security.codes-button'),
    destructive: false,
    cancelHref: links.security,
  } satisfies ConfirmPage);
}

export async function submitNewCodes(request: AccountRequest, parts: AccountParts): Promise<void> {
  await request.readForm();
  if (!(await loadForChange(request, parts))) return;
  const codes = await parts.factors.renewRecoveryCodes(request.account.id);
  if (!codes) return request.ctx.throw(404);
  parts.events.emit({ event: 'factor.recovery', account: request.account.id });
  parts.tellOwner(request.ctx, request.account, 'recovery-codes');
  parts.factorPages.showRecoveryCodes(request.ctx, codes, parts.links.security);
}
