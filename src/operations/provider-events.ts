import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Event, Events, ProtocolRefusal } from './events.ts';
import type { UntoldRefusal } from './request.ts';

interface ProviderError extends Error {
  readonly error?: string;
  readonly error_description?: string;
  readonly error_detail?: string;
  readonly statusCode?: number;
  /** Whatever its status says: something of the client's does not answer. */
  readonly isOfClient?: boolean;
}

/** What the protocol refused, with the reason it does not tell the client ("grant request is invalid" could be anything). */
const refusals: readonly ProtocolRefusal[] = [
  'authorization.error',
  'grant.error',
  'revocation.error',
  'introspection.error',
  'registration_create.error',
  'registration_read.error',
  'registration_update.error',
  'registration_delete.error',
  'end_session.error',
  'discovery.error',
  'jwks.error',
];

/** What oidc-provider tells of itself, as events of ours. */
export function reportProviderEvents(provider: Provider, events: Events, whenKept: (tell: () => void) => void): void {
  const on = (event: string, listener: (ctx: KoaContextWithOIDC, detail: never) => void) =>
    provider.on(event as 'server_error', listener as never);

  for (const event of refusals) {
    on(event, (ctx, error: ProviderError) => {
      // Said of every JWT by a provider that does not store them; revocation and introspection are answered all the same.
      if (error.message === 'unsupported_token_type') return;
      events.emit({ event, ...describe(ctx), ...reasons(error) });
    });
  }
  on('server_error', (ctx, err: ProviderError) => events.emit({ event: 'server_error', ...describe(ctx), err }));
  on('registration_create.success', (ctx) => {
    if (events.isHeard('registration')) events.emit({ event: 'registration', ...describe(ctx) });
  });
  on('end_session.success', ({ oidc: { session, params } }) => {
    const account = session?.accountId;
    if (params?.logout && account) whenKept(() => events.emit({ event: 'sign_out', account }));
  });
  on('grant.success', (ctx) => {
    // The most frequent of all.
    if (events.isHeard('grant')) events.emit({ event: 'grant', ...describe(ctx), ...granted(ctx) });
  });
}

interface Ended {
  readonly accountId: string;
  readonly clientId: string;
  readonly organizationId: string;
}

/** Why a connection ended, and whose it was. */
export function reportRevocations(events: Events) {
  return (connection: string, reason: string, about: Ended): void =>
    events.emit({
      event: 'connection.revoked',
      account: about.accountId,
      client: about.clientId,
      organization: about.organizationId,
      connection,
      reason,
    });
}

/** The reference of every error answer is in the log: what nobody else tells of is told here. */
export function reportUntoldRefusals(events: Events) {
  return ({ state }: Context, { status, detail }: UntoldRefusal): void =>
    events.emit({ event: 'request.refused', reference: state.request?.reference, status, detail });
}

function describe(ctx: KoaContextWithOIDC) {
  return { reference: ctx.state.request?.reference as string | undefined, client: ctx.oidc?.client?.clientId };
}

function granted({ oidc, state }: KoaContextWithOIDC) {
  return { grantType: oidc.params?.grant_type, connection: state.connection as string | undefined };
}

function reasons(error: ProviderError) {
  const { message, error_description: description, error_detail: detail, cause, statusCode = 400, isOfClient } = error;
  return {
    error: message,
    description,
    detail,
    ...(cause instanceof Error && { cause: cause.message }),
    ...(statusCode >= 500 && !isOfClient && { status: statusCode }),
  };
}

/** What other modules tell whoever composes them, as events of ours. */
export function createReports(events: Events) {
  return {
    onUnknownRole: (role: string, organization: string, client: string) =>
      events.emit({ event: 'role.unknown', role, organization, client }),
    onRenewedElsewhere: (what: Omit<Extract<Event, { event: 'refresh.moved' }>, 'event'>) =>
      events.emit({ event: 'refresh.moved', ...what }),
    onAlternation: (what: Omit<Extract<Event, { event: 'refresh.alternates' }>, 'event'>) =>
      events.emit({ event: 'refresh.alternates', ...what }),
    onClientNormalised(
      describe: () => Omit<Extract<Event, { event: 'registration.normalised' }>, 'event'> | undefined,
    ) {
      const what = events.isHeard('registration.normalised') ? describe() : undefined;
      if (what) events.emit({ event: 'registration.normalised', ...what });
    },
    onMisconfigured: (sentence: string) => events.emit({ event: 'forward-auth.misconfigured', sentence }),
    onRefusal: ({ code, message }: { code: string; message: string }) =>
      events.emit({ event: 'forward-auth.refused', code, sentence: message }),
  };
}
