import type { Context } from 'koa';
import type { Account, Membership } from './people.ts';

export interface SignInPage {
  /** Of an authorization server that waits for the answer. */
  readonly challenge?: string;
  /** The tool that wants to be connected. */
  readonly for?: string;
  readonly email?: string;
  readonly wrong?: boolean;
  /** Where to go on at this console. */
  readonly next?: string | undefined;
}

export function signInPage(ctx: Context, page: SignInPage): void {
  const { challenge, email = '', wrong } = page;
  if (wrong) ctx.status = 422;
  const field =
    challenge === undefined
      ? html`<input type="hidden" name="next" value="${page.next ?? '/'}">`
      : html`<input type="hidden" name="login_challenge" value="${challenge}">`;
  const purpose = page.for === undefined ? '' : html`<p>to connect ${page.for}</p>`;
  const cancel =
    challenge === undefined ? '' : `<form method="post" action="/mcp/cancel">${field}<button>Cancel</button></form>`;
  show(
    ctx,
    'Sign in to the console',
    `${purpose}${wrong ? '<p role="alert">Email or password is wrong.</p>' : ''}
    <form method="post" action="${challenge === undefined ? '/sign-in' : '/mcp/sign-in'}">${field}
      <p><label>Email <input name="email" type="email" autocomplete="username" value="${escapeHtml(email)}" required></label></p>
      <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
      <button>Sign in</button>
    </form>${cancel}`,
  );
}

export function signOutPage(ctx: Context, { isSignedIn }: { readonly isSignedIn: boolean }): void {
  const form = '<form method="post" action="/sign-out"><button>Sign out</button></form>';
  show(ctx, isSignedIn ? 'Sign out of the console?' : 'You are signed out', isSignedIn ? form : '');
}

export interface NewOrganizationPage {
  readonly returnTo?: string | undefined;
  readonly wrong?: boolean;
}

export function newOrganizationPage(ctx: Context, { returnTo = '', wrong }: NewOrganizationPage): void {
  if (wrong) ctx.status = 422;
  show(
    ctx,
    'Create an organization',
    `${wrong ? '<p role="alert">It needs a name.</p>' : ''}<form method="post" action="/organizations/new">
      ${html`<input type="hidden" name="return_to" value="${returnTo}">`}
      <p><label>Name <input name="name" maxlength="100" required></label></p>
      <button>Create</button>
    </form>`,
  );
}

export interface HomePage {
  readonly account: Account;
  readonly memberships: readonly Membership[];
  readonly current: Membership | undefined;
  readonly members: readonly { readonly account: Account; readonly role: string }[];
}

export function homePage(ctx: Context, { account, memberships, current, members }: HomePage): void {
  const switches = memberships.map(
    ({ organization: { id, name }, role }) =>
      html`<form method="post" action="/organization"><input type="hidden" name="organization" value="${id}">
        <button>${name}</button> ${role}</form>`,
  );
  const rows = members.map(({ account: { id, name, email, disabled }, role }) => {
    const remove = current?.role === 'owner' && id !== account.id && !disabled ? memberForms(id, name) : '';
    return `<tr><td>${escapeHtml(name)}<td>${escapeHtml(email)}<td>${escapeHtml(role)}<td>${disabled ? 'disabled' : remove}`;
  });
  show(
    ctx,
    current ? current.organization.name : 'No organization',
    `<p>${escapeHtml(account.name)} (${escapeHtml(account.email)})</p>
    <form method="post" action="/sign-out"><button>Sign out</button></form>
    <h2>Organizations</h2>${switches.join('')} <a href="/organizations/new">Create an organization</a>
    <h2>Members</h2><table><tr><th>Name<th>Email<th>Role<th>${rows.join('')}</table>`,
  );
}

function memberForms(id: string, name: string): string {
  const field = html`<input type="hidden" name="account" value="${id}">`;
  const form = (verb: string, label: string, more = '') =>
    `<form method="post" action="/members/${verb}">${field}${more}<button>${escapeHtml(label)}</button></form>`;
  return (
    form('role', `Make ${name} a viewer`, '<input type="hidden" name="role" value="viewer">') +
    form('remove', `Remove ${name}`) +
    form('disable', `Disable the account of ${name}`)
  );
}

export function errorPage(ctx: Context, status: number, sentence: string): void {
  ctx.status = status;
  show(ctx, 'That did not work', html`<p>${sentence}</p>`);
}

function show(ctx: Context, title: string, body: string): void {
  ctx.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    // The address holds the challenge.
    'Referrer-Policy': 'same-origin',
  });
  ctx.type = 'html';
  ctx.body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
    <meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 system-ui;margin:2rem auto;max-width:40rem}
    form{display:inline-block;margin:.25rem}</style><h1>${escapeHtml(title)}</h1>${body}</html>`;
}

/** Every value is escaped. */
function html(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce((before, part, index) => before + escapeHtml(values[index - 1] ?? '') + part);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
