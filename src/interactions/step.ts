import type { Context } from 'koa';
import { errors } from 'oidc-provider';
import { formActionFor, pageHeaders, readForm } from '../http/index.ts';
import { csrfOf, isCsrfOf } from './csrf.ts';
import type { Form, Frame, Requester } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { FlowEnded } from './problems.ts';
import { presentRequester } from './requester.ts';

type Interaction = Awaited<ReturnType<FlowParts['provider']['interactionDetails']>>;
type Client = NonNullable<Awaited<ReturnType<FlowParts['provider']['Client']['find']>>>;

/** One request of the browser within a flow: what it is about, and how to answer it. */
export interface Step {
  readonly ctx: Context;
  readonly interaction: Interaction;
  readonly client: Client;
  readonly redirectUri: string;
  readonly requester: Requester;
  /** Where a form of this flow goes, with its anti-forgery value. */
  form(deed: 'sign-in' | 'consent' | 'decline'): Form;
  /** The URL of this flow's page. */
  readonly href: string;
}

/** Throws `FlowEnded` when the flow expired, was finished in another tab, or its client is no longer what it was. */
export async function loadStep(ctx: Context, { provider, secrecy }: FlowParts): Promise<Step> {
  const interaction = await provider.interactionDetails(ctx.req, ctx.res).catch((error) => {
    throw error instanceof errors.SessionNotFound ? new FlowEnded(error) : error;
  });
  // The cookie names the flow; a URL of another one (an old tab, a link) must not act on it.
  if (interaction.uid !== ctx.params.uid) throw new FlowEnded();
  const { client_id: clientId, redirect_uri: redirectUri } = interaction.params as Record<string, string>;
  // Checked again: a client may have been changed or removed between the page and the button.
  const client = clientId ? await provider.Client.find(clientId) : undefined;
  if (!client || !redirectUri || !client.redirectUriAllowed(redirectUri)) throw new FlowEnded();

  const href = `/interaction/${interaction.uid}`;
  const csrf = csrfOf(secrecy, interaction.uid);
  return {
    ctx,
    interaction,
    client,
    redirectUri,
    requester: presentRequester(client, redirectUri),
    form: (deed) => ({ action: `${href}/${deed}`, csrf }),
    href,
  };
}

/** The fields of a form that belongs to this flow. */
export async function readStepForm({ ctx, interaction }: Step, { secrecy }: FlowParts): Promise<URLSearchParams> {
  const form = await readForm(ctx);
  // RFC 6819 §4.4.1.8: without it, another site could approve or sign in, in the name of whoever has the cookie.
  if (!isCsrfOf(secrecy, interaction.uid, form.get('csrf'))) ctx.throw(403, 'the form does not belong to this flow');
  return form;
}

export function frame(title: string, { policy, stylesheetPath }: Pick<FlowParts, 'policy' | 'stylesheetPath'>): Frame {
  return { title, brand: policy.brand.name, stylesheet: stylesheetPath };
}

export function showPage(step: Step, { render }: FlowParts, template: string, page: object, status = 200): void {
  const { ctx, redirectUri } = step;
  // Where a password is typed only the client's own origin; afterwards any https, because hosted callbacks hop on.
  const formAction = formActionFor(redirectUri, { anyHttps: template !== 'sign-in' });
  ctx.set(pageHeaders({ formActions: [formAction] }));
  ctx.status = status;
  ctx.type = 'html';
  ctx.body = render(template, page);
}

/** The only way forward: back to the provider, which decides what comes next. */
export function leave({ ctx }: Step, returnTo: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(returnTo);
  ctx.body = '';
}
