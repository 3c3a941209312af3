import type { Context, Middleware } from 'koa';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import { pageHeaders } from '../http/index.ts';
import type { FlowParts } from './parts.ts';
import { FlowEnded, type Problem, presentError } from './problems.ts';
import { frame } from './step.ts';

type PageParts = Pick<FlowParts, 'policy' | 'stylesheetPath' | 'render' | 'log'>;

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
    const { error_description: description } = error as errors.OIDCProviderError;
    showErrorPage(ctx as unknown as Context, parts, {
      status: ctx.status,
      error: error instanceof FlowEnded ? error.name : codeOf(error),
      clientId: [ctx.query.client_id].flat()[0],
      redirectUri: [ctx.query.redirect_uri].flat()[0],
      ...(ctx.status < 500 && { description }),
    });
  };
}

/** The last resort around everything: what no other part answered becomes a page or JSON, and a log line. */
export function explainErrors(parts: PageParts): Middleware {
  return async function explain(ctx, next) {
    try {
      await next();
    } catch (error) {
      answer(ctx as Context, parts, recognise(error as Failure));
      if (ctx.status >= 500) parts.log.error({ event: 'error', reference: ctx.state.reference, err: error }, 'failed');
    }
    completeAnswer(ctx as Context, parts);
  };
}

type Failure = Error & { status?: number; error?: string };

function completeAnswer(ctx: Context, parts: PageParts) {
  if (ctx.status === 404 && ctx.body == null) answer(ctx, parts, { status: 404, error: 'not_found' });
  // R63: a client that is told when to come back does; one that is not throws its tokens away.
  if (ctx.status === 503 && !ctx.response.get('Retry-After')) ctx.set('Retry-After', '5');
}

function recognise(error: Failure): Problem {
  if (error instanceof FlowEnded) return { status: error.status, error: error.name };
  const status = error.status ?? 500;
  return { status, error: codeOf(error) };
}

/** The OAuth error code, or the SessionNotFound of oidc-provider in our own word. */
function codeOf(error: Failure) {
  return error.constructor.name === 'SessionNotFound' ? FlowEnded.name : error.error;
}

function answer(ctx: Context, parts: PageParts, problem: Problem) {
  ctx.status = problem.status;
  if (ctx.accepts('json', 'html') === 'html') return showErrorPage(ctx, parts, problem);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error: jsonCode(problem), reference: ctx.state.reference };
}

function jsonCode({ status, error }: Problem) {
  if (error && error !== FlowEnded.name) return error;
  return status >= 500 ? 'server_error' : 'invalid_request';
}

function showErrorPage(ctx: Context, parts: PageParts, problem: Problem) {
  const page = presentError(problem, ctx.state.reference, frame('Something is wrong', parts));
  ctx.set(pageHeaders({ formActions: [] }));
  ctx.type = 'html';
  ctx.body = parts.render('error', page);
}
