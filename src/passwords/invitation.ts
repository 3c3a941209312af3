import type { Context } from 'koa';
import { DirectoryError, minCharacters, type Organization } from '../directory/index.ts';
import { readOwnForm, refuseWithoutCookies } from '../http/index.ts';
import { visibleLine } from '../visible-line.ts';
import { forgetToken, takeToken, tokenOf } from './link-cookie.ts';
import { showOutcome } from './link-page.ts';
import type { Link } from './links.ts';
import { findPasswordError } from './new-password.ts';
import type { InvitationPage } from './pages.ts';
import type { PasswordParts } from './parts.ts';

const maxNameLength = 100;

export async function followInvitation(ctx: Context, parts: PasswordParts): Promise<void> {
  takeToken(ctx, parts, parts.paths.invitation, `${parts.paths.invitation}/accept`);
}

export async function showInvitation(ctx: Context, parts: PasswordParts): Promise<void> {
  // The link has left its token in one.
  refuseWithoutCookies(ctx, 410);
  const found = await find(ctx, parts);
  if (!found) return showOutcome(ctx, parts, 'invitation-unusable');
  show(ctx, parts, found, { name: '', wrongFields: [] });
}

export async function submitInvitation(ctx: Context, parts: PasswordParts): Promise<void> {
  const form = await readOwnForm(ctx, parts.antiForgery.ofBrowser(ctx), 'form_outdated');
  const found = await find(ctx, parts);
  if (!found) return showOutcome(ctx, parts, 'invitation-unusable');
  const name = visibleLine((form.get('name') ?? '').normalize('NFKC'), maxNameLength) ?? '';
  const words = parts.pages.words(ctx);
  if (name === '')
    return show(ctx, parts, found, { name, error: words.say('invitation.no-name'), wrongFields: ['name'] }, 422);
  const { email } = found.link.content;
  const about = [email, name, parts.policy.brand.name, found.organization.name];
  const error = await findPasswordError(form, about, words);
  if (error) return show(ctx, parts, found, { name, ...error }, 422);
  const outcome = await accept(parts, found, name, form.get('password') ?? '');
  if (outcome === 'done') forgetToken(ctx, parts, parts.paths.invitation);
  showOutcome(ctx, parts, `invitation-${outcome}`);
}

interface Found {
  readonly link: Link<'invitation'>;
  readonly organization: Organization;
}

async function find(ctx: Context, parts: PasswordParts): Promise<Found | undefined> {
  const link = await parts.links.find('invitation', tokenOf(ctx, parts));
  const organization = link && (await parts.directory.findOrganization(link.content.organizationId));
  return link && organization && { link, organization };
}

async function accept(parts: PasswordParts, { link }: Found, name: string, password: string) {
  const { links, invitations, directory, events } = parts;
  const { email, organizationId, role } = link.content;
  if (!(await links.use(link))) return 'unusable';
  try {
    const memberships = [{ organizationId, role }];
    const { id } = await directory.createAccount({ email, name, password, memberships });
    events.emit({ event: 'invitation.accepted', account: id, organization: organizationId });
  } catch (error) {
    if (!(error instanceof DirectoryError && error.code === 'EMAIL_TAKEN')) {
      await links.giveBack(link).catch(() => undefined);
      throw error;
    }
    await invitations.forget(link);
    return 'taken';
  }
  await invitations.forget(link);
  return 'done';
}

function show(
  ctx: Context,
  parts: PasswordParts,
  { link, organization }: Found,
  given: Pick<InvitationPage, 'name' | 'error' | 'wrongFields'>,
  status = 200,
): void {
  const { pages, paths, antiForgery } = parts;
  const page: InvitationPage = {
    ...pages.frame(ctx, 'invitation.title'),
    form: { action: `${paths.invitation}/accept`, csrf: antiForgery.ofBrowser(ctx) },
    email: link.content.email,
    organization: organization.name,
    role: link.content.role,
    minLength: minCharacters,
    ...given,
  };
  pages.show(ctx, 'invitation', page, { status });
}
