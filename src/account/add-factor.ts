import { amrOf, methods, readSetup } from '../factors/index.ts';
import { seeOther } from '../http/index.ts';
import { type AccountRequest, setFlash } from './account-request.ts';
import type { AccountParts } from './parts.ts';
import { loadForChange } from './security.ts';

type NewFactorWay = 'app' | 'new-passkey';
type StepError = Parameters<AccountParts['factorPages']['showStep']>[3];

export const showAddApp = (request: AccountRequest, parts: AccountParts) => show(request, parts, 'app');
export const showAddPasskey = (request: AccountRequest, parts: AccountParts) => show(request, parts, 'new-passkey');
export const submitAddApp = (request: AccountRequest, parts: AccountParts) => submit(request, parts, 'app');
export const submitAddPasskey = (request: AccountRequest, parts: AccountParts) => submit(request, parts, 'new-passkey');

async function show(request: AccountRequest, parts: AccountParts, way: NewFactorWay): Promise<void> {
  if (await loadForChange(request, parts)) await showPage(request, parts, way);
}

async function submit(request: AccountRequest, parts: AccountParts, way: NewFactorWay): Promise<void> {
  const form = await request.readForm();
  if (!(await loadForChange(request, parts))) return;
  const { account, ctx, signedIn } = request;
  const added = await readSetup(parts.factors, { ...placeOf(request), way, form, onlyFirst: false });
  if ('error' in added) return showPage(request, parts, way, { form, error: added });
  parts.events.emit({ event: 'factor.added', account: account.id, factor: added.kind });
  parts.tellOwner(ctx, account, `${added.kind}-added`);
  // What was shown just now this session has, too.
  const amr = amrOf([...signedIn.amr, ...(way === 'app' ? methods.code : methods.passkey)]);
  const { accountId, since: authTime, acr } = signedIn;
  await parts.sessions.begin(ctx, { accountId, authTime, amr, acr });
  const { security } = parts.links;
  setFlash(ctx, parts, 'added');
  if (added.recoveryCodes.length > 0) return parts.factorPages.showRecoveryCodes(ctx, added.recoveryCodes, security);
  seeOther(ctx, security);
}

const placeOf = ({ account }: AccountRequest) => ({ place: 'account', accountId: account.id });

async function showPage(
  request: AccountRequest,
  parts: AccountParts,
  way: NewFactorWay,
  { form, error }: { form?: URLSearchParams; error?: StepError } = {},
): Promise<void> {
  const { ctx, account } = request;
  const href = parts.links.addFactor(way);
  const at = { ctx, id: placeOf(request).place, href, form: request.form(href) };
  const wanted = { way, ways: [way], cancelHref: parts.links.security, ...(form && { form }) };
  await parts.factorPages.showStep(at, { account }, wanted, error);
}
