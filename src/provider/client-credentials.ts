import type { Context } from 'koa';
import { errors, type Provider } from 'oidc-provider';
import { maxBodyBytes, peekBody } from '../http/index.ts';
import { type Credentials, findRightful, readBasic, writeBasic } from './basic-credentials.ts';

const formType = 'application/x-www-form-urlencoded';

/**
 * How clients say who they are, in the one way that oidc-provider 9.13 takes (R57, R58, R59). Whether it is true is the
 * provider's to judge, as before: nothing here lets anybody in.
 *
 * The provider is handed the form that we read; that costs the few requests with such a header, and no other.
 */
export function createNormaliseCredentials(provider: Provider): (ctx: Context) => Promise<void> | undefined {
  return (ctx) => {
    refuseUnnamedBody(ctx);
    // An empty one says nothing; to oidc-provider 9.13 it would be a way to authenticate.
    if (ctx.req.headers.authorization === '') delete ctx.req.headers.authorization;
    return ctx.get('Authorization') === '' ? undefined : normaliseCredentials(ctx, provider);
  };
}

/** oidc-provider 9.13 takes it for an empty one, and would name everything that is missing then. */
function refuseUnnamedBody(ctx: Context): void {
  const hasBody = ctx.get('Transfer-Encoding') !== '' || (ctx.request.length ?? 0) > 0;
  if (hasBody && ctx.get('Content-Type') === '')
    refuse(ctx, new errors.InvalidRequest(`the form needs the header Content-Type: ${formType}`));
}

async function normaliseCredentials(ctx: Context, provider: Provider) {
  const header = ctx.get('Authorization');
  // R59: clients that put their access token into every request. It says nothing about the client (RFC 6749 §2.3).
  if (/^Bearer(?: |$)/i.test(header)) {
    delete ctx.req.headers.authorization;
    return;
  }
  const readings = readBasic(header);
  const [usual] = readings;
  if (!usual) return refuseCredentials(ctx, provider);
  if (!ctx.is(formType)) return;
  const isPublic = usual.secret === '';
  const normalise = (form: string) =>
    isPublic ? withoutCredentials(ctx, usual.id, form) : withoutCopy(readings, form);
  // Byte by byte: whatever else the form holds stays as it was sent.
  const change = (body: Buffer) => Buffer.from(normalise(body.toString('latin1')), 'latin1');
  await peekBody(ctx, maxBodyBytes, change).catch((error) => refuseBody(ctx, error));
  if (!isPublic) await useOwnSpelling(ctx, readings, provider);
}

/**
 * Credentials that cannot be read, or of a scheme that is not offered, are credentials that are wrong (RFC 6749 §5.2): 401 with
 * the scheme that is, where oidc-provider 9.13 says that the request is malformed.
 */
function refuseCredentials(ctx: Context, provider: Provider): never {
  const error = new errors.InvalidClientAuth('the Authorization header cannot be read');
  ctx.set('WWW-Authenticate', `Basic realm="${provider.issuer}", error="invalid_client"`);
  const { endpoint } = ctx.state;
  provider.emit(endpoint === 'token' ? 'grant.error' : `${endpoint}.error`, ctx as never, error);
  throw error;
}

/** The connection is of no more use: what is left of the request would be taken for the next one. */
function refuse(ctx: Context, error: Error): never {
  ctx.set('Connection', 'close');
  throw error;
}

function refuseBody(ctx: Context, error: Error & { readonly error_description?: string }): never {
  refuse(ctx, new errors.InvalidRequest(error.error_description ?? 'the request ended early', 400));
}

/**
 * A public client that authenticates with its id and an empty secret (`Authorization: Basic base64("id:")`) means
 * `none` (R57): Go's oauth2 tries that first, and stock oidc-provider answers 400. The header goes and the id moves
 * to the body, where `none` expects it (RFC 6749 §2.3.1, §3.2.1). A confidential client gains nothing: without its
 * secret it is refused, as before.
 */
function withoutCredentials(ctx: Context, id: string, form: string): string {
  const named = new URLSearchParams(form).getAll('client_id');
  if (named.every((each) => each === id)) delete ctx.req.headers.authorization;
  return named.length === 0 ? `client_id=${encodeURIComponent(id)}&${form}` : form;
}

/** R58: the same secret in header and body is one and the same; two secrets are refused (RFC 6749 §2.3). */
function withoutCopy(readings: readonly Credentials[], form: string): string {
  const copies = new URLSearchParams(form).getAll('client_secret');
  if (copies.length !== 1 || !readings.some(({ secret }) => secret === copies[0])) return form;
  return form
    .split('&')
    .filter((pair) => !new URLSearchParams(pair).has('client_secret'))
    .join('&');
}

/**
 * The header as RFC 6749 §2.3.1 spells it. Where it has two readings, that is the one which is this client's own; where
 * neither is, the header stays and is refused.
 */
async function useOwnSpelling(ctx: Context, readings: readonly Credentials[], provider: Provider) {
  const [only, another] = readings;
  // What fails here fails again when the provider asks, and is answered in its words (R63).
  const own = another ? (await findRightful(readings, provider).catch(() => undefined))?.credentials : only;
  if (own) ctx.req.headers.authorization = writeBasic(own);
}
