import type { Context } from 'koa';
import type { InteractionResults } from 'oidc-provider';
import { type Form, readOwnForm } from '../http/index.ts';
import type { Interaction, SignedIn } from '../sessions/index.ts';
import { FlowEnded } from './error-words.ts';
import type { GoOn } from './go-on.ts';
import type { Requester } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { presentRequester } from './present.ts';

type Client = NonNullable<Awaited<ReturnType<FlowParts['provider']['Client']['find']>>>;

/** One request of the browser within a flow: what it is about, and how to answer it. */
export interface Step {
  readonly ctx: Context;
  readonly interaction: Interaction;
  readonly signedIn: SignedIn | undefined;
  readonly client: Client;
  readonly redirectUri: string;
  readonly requester: Requester;
  /** Where a form of this flow goes, with its anti-forgery value. */
  form(action: 'sign-in' | 'factor' | 'consent' | 'decline'): Form;
  /** The URL of this flow's page. */
  readonly href: string;
  /** Once it is decided. */
  goOn(): unknown;
}

/** Throws `FlowEnded` when the flow expired, was finished in another tab, or its client is no longer what it was. */
export async function loadStep(ctx: Context, parts: FlowParts, goOn: GoOn): Promise<Step> {
  const { provider, sessions, antiForgery, paths } = parts;
  const found = await sessions.findInteraction(ctx);
  // The cookie names the flow; a URL of another one (an old tab, a link) must not act on it.
  if (!found) throw new FlowEnded('this browser has no such flow, or not any more');
  const { interaction, signedIn } = found;
  ctx.state.uiLocales = interaction.params.ui_locales;
  if (interaction.uid !== ctx.params.uid) throw new FlowEnded('the cookie is of another flow');
  const { client_id: clientId, redirect_uri: redirectUri } = interaction.params as Record<string, string>;
  // Checked again: a client may have been changed or removed between the page and the button.
  const client = clientId ? await provider.Client.find(clientId) : undefined;
  if (!client) throw new FlowEnded('its client is gone');
  if (!redirectUri || !client.redirectUriAllowed(redirectUri))
    throw new FlowEnded('its redirect URI is allowed no more');

  const href = paths.interaction(interaction.uid);
  const csrf = antiForgery.ofInteraction(interaction.uid);
  return {
    ctx,
    interaction,
    signedIn,
    client,
    redirectUri,
    requester: presentRequester(client, redirectUri, parts),
    form: (action) => ({ action: `${href}/${action}`, csrf }),
    href,
    goOn: () => goOn(ctx, interaction),
  };
}

/** The fields of a form that belongs to this flow. */
export function readStepForm({ ctx, interaction }: Step, { antiForgery }: FlowParts): Promise<URLSearchParams> {
  return readOwnForm(ctx, antiForgery.ofInteraction(interaction.uid));
}

/**
 * The only way forward: back to the provider, which decides what comes next. What oidc-provider's `interactionResult`
 * (9.13, lib/provider.js) keeps, without its reading the interaction and a session once more.
 */
export async function finish(step: Step, result: InteractionResults): Promise<void> {
  await decide(step, result);
  await step.goOn();
}

/** The same where a page of ours comes before the way on. */
export async function decide({ interaction }: Step, result: InteractionResults): Promise<void> {
  interaction.result = 'error' in result ? result : { ...interaction.lastSubmission, ...result };
  await interaction.persist();
}
