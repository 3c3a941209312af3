import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from './log.ts';

interface ProviderError extends Error {
  readonly error?: string;
  readonly error_description?: string;
  readonly error_detail?: string;
  readonly statusCode?: number;
}

/** What the protocol refused, with the reason it does not tell the client ("grant request is invalid" could be anything). */
const refusals = [
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

/** One line an event. Identifiers of clients and connections are public; tokens, codes and secrets never appear. */
export function logProviderEvents(provider: Provider, log: Log): void {
  const on = (event: string, listener: (ctx: KoaContextWithOIDC, detail: never) => void) =>
    provider.on(event as 'server_error', listener as never);

  for (const event of refusals) {
    on(event, (ctx, error: ProviderError) => {
      // Said of every JWT by a provider that does not store them; revocation and introspection are answered all the same.
      if (error.message === 'unsupported_token_type') return;
      log.info({ event, ...describe(ctx), ...reasons(error) }, 'refused');
    });
  }
  on('server_error', (ctx, err: ProviderError) => {
    const level = err.statusCode === 503 ? 'warn' : 'error';
    log[level]({ event: 'server_error', ...describe(ctx), err }, 'failed');
  });
  on('registration_create.success', (ctx) =>
    log.info({ event: 'registration', ...describe(ctx) }, 'client registered'),
  );
  on('grant.success', (ctx) => {
    // The most frequent line: what nobody will see is not put together.
    if (log.isLevelEnabled('info')) log.info({ event: 'grant', ...describe(ctx), ...granted(ctx) }, 'tokens issued');
  });
}

/** Why a connection ended, and at whose request if it was one of a client. */
export function logRevocations(log: Log) {
  return (connection: string, reason: string): void => {
    const { ctx } = Provider;
    log.warn({ event: 'connection.revoked', ...(ctx && describe(ctx)), connection, reason }, 'connection revoked');
  };
}

function describe(ctx: KoaContextWithOIDC) {
  return { reference: ctx.state.reference, client: ctx.oidc?.client?.clientId };
}

function granted({ oidc, state }: KoaContextWithOIDC) {
  return { grantType: oidc.params?.grant_type, connection: state.connection };
}

function reasons(error: ProviderError) {
  const { message, error_description: description, error_detail: detail, cause } = error;
  return { error: message, description, detail, ...(cause instanceof Error && { cause: cause.message }) };
}
