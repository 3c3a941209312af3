import type { Context } from 'koa';
import { optionalSecret } from '../clients/index.ts';
import { type Catalogue, identityScopes, type Resource } from '../resources/index.ts';
import { maxRegistrationBytes } from './registration.ts';

/** Before a byte of it is read: oidc-provider 9.13 reads up to 56 KB (R27), and none of what has no `Content-Type`. */
export function refuseUnreadRegistration(ctx: Context): void {
  if ((ctx.request.length ?? 0) > maxRegistrationBytes)
    refuse(ctx, 413, `client metadata must be at most ${maxRegistrationBytes} bytes`);
  // RFC 7591 §3.1. It would be taken for one without redirect URIs.
  if (ctx.get('Content-Type') === '')
    refuse(ctx, 400, 'client metadata need the header Content-Type: application/json');
}

function refuse(ctx: Context, status: number, description: string): never {
  return ctx.throw(status, { error: 'invalid_client_metadata', error_description: description, expose: true });
}

/**
 * The registration endpoint answers in the words of RFC 7591 §3.2.2, whose two errors are all that registering clients
 * know (R25). oidc-provider 9.13 says `invalid_request` of a body it cannot read.
 */
export function createExplainRegistration({ resources }: Pick<Catalogue, 'resources'>): (ctx: Context) => void {
  return (ctx) => {
    const answer = (ctx.body ?? {}) as Record<string, unknown>;
    const { error, error_description: description } = answer;
    if (ctx.status === 400 && error === 'invalid_request') {
      ctx.body = { error: 'invalid_client_metadata', error_description: description };
    }
    if (ctx.status < 300) ctx.body = { ...withoutMark(answer), ...nameScope(ctx, resources) };
  };
}

function withoutMark({ [optionalSecret]: _mark, ...answer }: Record<string, unknown>) {
  return answer;
}

/**
 * What we know of the `scope` that was sent (R98): some tools refuse an answer without it, others ask for what it names. It
 * is not kept, because it limits nothing (R16): roles and people decide what a client gets.
 */
function nameScope(ctx: Context, resources: readonly Resource[]) {
  const { scope } = ((ctx as unknown as { oidc?: { body?: Record<string, unknown> } }).oidc?.body ?? {}) as {
    scope?: unknown;
  };
  if (typeof scope !== 'string') return {};
  const sent = scope.split(/\s+/).filter(Boolean);
  const known = resources.flatMap((resource) => resource.expand(sent));
  const named = new Set([...known, ...identityScopes.filter((each) => sent.includes(each))]);
  return named.size > 0 ? { scope: [...named].join(' ') } : {};
}
