import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Form } from '../http/index.ts';
import type { Interaction } from '../sessions/index.ts';
import { giveResumeCookie } from './go-on.ts';
import type { FlowParts } from './parts.ts';

/** Back to the tool, for who does not want to wait: a form of the flow, or a link where there is none yet. */
export type WayOut = { readonly decline: Form } | { readonly leaveHref: string };

type Parts = Pick<FlowParts, 'paths' | 'cookies' | 'antiForgery' | 'issuer'>;

/** Only where accounts cannot be reached: while our store is away nothing could be answered either. */
const isOfDirectory = (error: unknown) => (error as { code?: unknown }).code === 'DIRECTORY_UNAVAILABLE';

/** On a page of the flow. Its cookie comes with the request: nobody else gets what its forms are known by. */
export function findWayOut(ctx: Context, error: unknown, parts: Parts): WayOut | undefined {
  const uid: unknown = ctx.params?.uid;
  const cookie = parts.cookies.names.interaction;
  const isInFlow = ctx.state.endpoint === 'interaction' && ctx.cookies.get(cookie, { signed: true }) === uid;
  return isInFlow && isOfDirectory(error) ? { decline: declineForm(String(uid), parts) } : undefined;
}

/** Where oidc-provider answers: when a tool asks, and when the flow goes on. */
export async function keepWayOut(ctx: KoaContextWithOIDC, error: Error, parts: Parts): Promise<WayOut | undefined> {
  const interaction = ctx.oidc.route === 'resume' ? ctx.oidc.entities.Interaction : undefined;
  if (interaction && ctx.status >= 500) return keepStep(ctx, interaction, parts);
  return isOfDirectory(error) ? leaveByLink(ctx, parts) : undefined;
}

/**
 * oidc-provider 9.13 ends the step before it knows whether it can go on (lib/actions/authorization/resume.js): begun again
 * with what was decided, it goes on when the page is loaded again.
 */
async function keepStep(ctx: KoaContextWithOIDC, interaction: Interaction, parts: Parts): Promise<WayOut> {
  await interaction.persist();
  giveResumeCookie(ctx, interaction, parts);
  return { decline: declineForm(interaction.uid, parts) };
}

function declineForm(uid: string, { paths, antiForgery }: Parts): Form {
  return { action: `${paths.interaction(uid)}/decline`, csrf: antiForgery.ofInteraction(uid) };
}

/** RFC 6749 §4.1.2.1, with `iss` (RFC 9207), as the answer of which it takes the place. */
function leaveByLink({ oidc }: KoaContextWithOIDC, { issuer }: Parts): WayOut | undefined {
  const { redirect_uri: redirectUri, response_mode: mode, state } = oidc.params ?? {};
  if (typeof redirectUri !== 'string' || !oidc.client?.redirectUriAllowed(redirectUri)) return undefined;
  const url = new URL(redirectUri);
  const answer = { error: 'access_denied', ...(typeof state === 'string' && { state }), iss: issuer };
  if (mode === 'fragment') url.hash = String(new URLSearchParams(answer));
  else for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return { leaveHref: url.href };
}
