import type { Context, Middleware } from 'koa';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import type { Policy } from '../config/index.ts';
import { nameOfCookie, setCookies, withSignatures } from '../http/index.ts';
import { type ErrorFacts, FlowEnded, presentError } from './error-words.ts';
import type { FlowParts } from './parts.ts';
import { presentRequester } from './present.ts';
import { leadToReceipt } from './receipts.ts';
import { findTryAgain } from './try-again.ts';
import { findWayOut, keepWayOut } from './way-out.ts';
import { showWelcome, type WelcomeParts } from './welcome.ts';

type PageParts = Pick<
  FlowParts,
  'pages' | 'events' | 'paths' | 'cookies' | 'antiForgery' | 'issuer' | 'identifyClient'
> & {
  readonly policy: Pick<Policy, 'registration'>;
};

/** Where a person may be looking; everything else speaks OAuth JSON, whatever it says it accepts. */
const pageRoutes = new Set(['authorization', 'resume', 'end_session', 'end_session_confirm', 'end_session_success']);

/** oidc-provider's `renderError`. */
export function createShowError(parts: PageParts) {
  return async function showError(ctx: KoaContextWithOIDC, out: object, error: Error): Promise<void> {
    const wantsPage = pageRoutes.has(ctx.oidc?.route) && ctx.accepts('html', 'json') === 'html';
    if (!wantsPage) {
      ctx.body = out;
      return;
    }
    // A step that is done, or a browser that sends it again: its page knows where the flow is.
    if (ctx.oidc.route === 'resume' && codeOf(error) === FlowEnded.name) {
      leadToReceipt(ctx as unknown as Context, parts, (ctx.params as { uid: string }).uid);
      return;
    }
    const { error_description: description } = error as errors.OIDCProviderError;
    const wayOut = await keepWayOut(ctx, error, parts);
    showErrorPage(ctx as unknown as Context, parts, {
      ...findRequester(ctx, parts),
      status: ctx.status,
      error: error instanceof FlowEnded ? error.name : codeOf(error),
      clientId: [ctx.query.client_id].flat()[0],
      redirectUri: [ctx.query.redirect_uri].flat()[0],
      mayRegister: parts.policy.registration !== 'closed',
      ...(ctx.status < 500 && { description }),
      wayOut,
    });
  };
}

/** The client that the request names, by which nothing is said of the place that it names. */
function findRequester({ oidc, query }: KoaContextWithOIDC, parts: PageParts): Pick<ErrorFacts, 'requester'> {
  const redirectUri = [query.redirect_uri].flat()[0] ?? '';
  if (!oidc?.client || !URL.canParse(redirectUri)) return {};
  return { requester: presentRequester(oidc.client, redirectUri, parts) };
}

/** The last resort around everything: what no other part answered becomes a page or JSON, and a log line. */
export function createErrorHandler(parts: PageParts & WelcomeParts): Middleware {
  return async function handleErrors(ctx, next) {
    try {
      await next();
    } catch (error) {
      const wayOut = findWayOut(ctx as Context, error, parts);
      if (ctx.state.isUnkept) takeBack(ctx as Context, parts.cookies);
      respond(ctx as Context, parts, { ...recognise(error as Thrown), wayOut });
      report(ctx as Context, parts, error as Thrown);
    }
    completeResponse(ctx as Context, parts);
  };
}

/** Cookies of ours that name what is not kept; a host may have set others. */
function takeBack(ctx: Context, { names }: PageParts['cookies']): void {
  const ours = withSignatures(Object.values(names));
  const others = setCookies(ctx).filter((line) => !ours.has(nameOfCookie(line)));
  ctx.remove('Set-Cookie');
  if (others.length > 0) ctx.set('Set-Cookie', others);
}

type Thrown = Error & { status?: number; error?: string; error_description?: string; detail?: string };

/** Many refusals look the same from outside; the log says which check it was (R107). */
function report({ status, state }: Context, { events }: PageParts, error: Thrown) {
  const { reference } = state.request ?? {};
  if (status >= 500) events.emit({ event: 'error', reference, err: error });
  else events.emit({ event: 'request.refused', reference, status, detail: error.detail ?? error.message });
}

function completeResponse(ctx: Context, parts: PageParts & WelcomeParts) {
  if (ctx.body == null && ctx.status === 404 && showWelcome(ctx, parts)) return;
  if (ctx.body == null && ctx.status === 404) respond(ctx, parts, { status: 404, error: 'not_found' });
  if (ctx.body == null && ctx.status === 405) respond(ctx, parts, { status: 405, error: 'invalid_request' });
  // R63: a client that is told when to come back does; one that is not throws its tokens away.
  if (ctx.status === 503 && !ctx.response.get('Retry-After')) ctx.set('Retry-After', '5');
}

function recognise(error: Thrown): ErrorFacts {
  if (error instanceof FlowEnded) return { status: error.status, error: error.name };
  const status = error.status ?? 500;
  const { error_description: description } = error;
  return { status, error: codeOf(error), ...(description && { description }) };
}

/** The OAuth error code, or the SessionNotFound of oidc-provider in our own word. */
function codeOf(error: Thrown) {
  return error.constructor.name === 'SessionNotFound' ? FlowEnded.name : error.error;
}

function respond(ctx: Context, parts: PageParts, facts: ErrorFacts) {
  ctx.status = facts.status;
  // It was on its way, perhaps with a code, when it turned out that something is not kept.
  ctx.remove('Location');
  if (ctx.accepts('json', 'html') === 'html') return showErrorPage(ctx, parts, facts);
  ctx.set('Cache-Control', 'no-store');
  const { description } = facts;
  ctx.body = {
    error: jsonCode(facts),
    ...(description && { error_description: description }),
    reference: ctx.state.request?.reference,
  };
}

function jsonCode({ status, error }: ErrorFacts) {
  if (error && error !== FlowEnded.name) return error;
  return status >= 500 ? 'server_error' : 'invalid_request';
}

function showErrorPage(ctx: Context, { pages, paths }: PageParts, facts: ErrorFacts) {
  const withoutCookies = ctx.get('Cookie') === '';
  const again = findTryAgain(ctx, facts.status, paths);
  const page = presentError({ ...facts, withoutCookies, again }, ctx.state.request?.reference, {
    frame: pages.frame(ctx, 'error.title'),
    words: pages.words(ctx),
  });
  pages.show(ctx, 'error', page, { status: facts.status });
}
