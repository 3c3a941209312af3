import { type ClientMetadata, errors, type KoaContextWithOIDC } from 'oidc-provider';
import {
  type Change,
  describeChanges,
  findRedirectUriErrors,
  isTooDeep,
  maxLevels,
  namedAuthMethod,
  normaliseClient,
  optionalSecret,
  softwareMembers,
  supportedByRegistration,
  withdrawUnusedSecret,
} from '../clients/index.ts';

interface Options {
  /** `describe` compares all members; nothing where none differs. */
  readonly onNormalised: (describe: () => Normalised | undefined) => void;
  /** Why the keys at a URL would not be fetched. */
  readonly findKeyUrlError: (url: string) => string | undefined;
}

/** Which members of a registration were not kept as they were sent; names only, values may be secrets. */
export interface Normalised {
  readonly client: string;
  readonly dropped: readonly string[];
  readonly changed: readonly string[];
}

/** A registration is a page of text; what is larger was not written by a client of ours (R27). */
export const maxRegistrationBytes = 16 * 1024;

/**
 * oidc-provider's `extraClientMetadata`: the one place through which every client passes before the provider judges it,
 * and which may rewrite what it passes (9.13). Only what arrives is normalised, and `ctx` is there for registrations and
 * their updates only: a stored client was normalised before it was stored, a document when it was fetched, a configured
 * client at the start. They pass here at every request.
 */
export function createClientPolicy({ onNormalised, findKeyUrlError }: Options) {
  const [first, ...others] = softwareMembers;
  return {
    properties: [first as string, ...others, optionalSecret],
    validator(ctx: KoaContextWithOIDC | undefined, name: string, _value: unknown, metadata: ClientMetadata): undefined {
      // Called once for each of the properties, always with the whole of the metadata.
      if (name !== first) return;
      if (ctx) {
        const body = { ...ctx.oidc.body };
        normaliseRegistration(body, metadata, ctx.request?.length);
        onNormalised(() => describeNormalised(body, metadata));
        checkKeyUrl(ctx.oidc.body, metadata, findKeyUrlError);
      }
      withdrawUnusedSecret(metadata);
      checkRedirectUris(metadata);
    },
  };
}

function normaliseRegistration(body: Record<string, unknown>, metadata: ClientMetadata, length: number | undefined) {
  checkSize(body, length);
  const method = namedAuthMethod(body);
  // oidc-provider has put its default in place of what was not said.
  Object.assign(metadata, { token_endpoint_auth_method: method });
  normaliseClient(metadata, supportedByRegistration);
  if (method === undefined) metadata[optionalSecret] = true;
  if (length === undefined || length > smallBytes) boundSize(metadata);
}

/** A body without a `Content-Length` is measured here; the provider reads 56 KB of it at most. */
function checkSize(body: unknown, length: number | undefined) {
  if (isTooDeep(body)) throw new errors.InvalidClientMetadata(`client metadata must have at most ${maxLevels} levels`);
  if (length !== undefined || Buffer.byteLength(JSON.stringify(body)) <= maxRegistrationBytes) return;
  throw new errors.InvalidClientMetadata(`client metadata must be at most ${maxRegistrationBytes} bytes`);
}

/** Of what is kept with what the provider adds: a stranger leaves 4 kB here, whatever they send. */
const maxKeptBytes = 3800;
/** However it is spelt, what comes of so few is smaller: no character and no number becomes more than six times as long. */
const smallBytes = 400;
/** In this order: what nothing here looks at, then what tells installations apart. */
const dispensable = [
  'contacts',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'post_logout_redirect_uris',
  'client_uri',
  ...softwareMembers,
];

function boundSize(metadata: ClientMetadata): void {
  const isTooLarge = () => Buffer.byteLength(JSON.stringify(metadata)) > maxKeptBytes;
  for (const member of dispensable) {
    if (!isTooLarge()) return; // measured once for almost everybody
    delete metadata[member];
  }
  if (isTooLarge())
    throw new errors.InvalidClientMetadata(
      `client metadata must be at most ${maxKeptBytes} bytes without what only informs`,
    );
}

/** Unknown names are a stranger's text, and may be a secret that was put in the wrong place: only words are repeated. */
function nameForLog(member: string): string {
  return /^[a-z]{1,20}(?:_[a-z]{1,20}){0,5}$/.test(member) ? member : '(another)';
}

function describeNormalised(body: Record<string, unknown>, metadata: ClientMetadata): Normalised | undefined {
  const changes = describeChanges(body, metadata).filter(({ member }) => member !== optionalSecret);
  const named = (kind: Change['kind']) =>
    changes.filter((each) => each.kind === kind).map(({ member }) => nameForLog(member));
  const [dropped, changed] = [named('dropped'), named('changed')];
  if (dropped.length + changed.length === 0) return undefined;
  return { client: String(metadata.client_id), dropped, changed };
}

/**
 * Whoever signs with keys at a URL is told at once when nobody would fetch them. Taken for a public client, it would send an
 * assertion that nobody can verify, and never learn why.
 */
function checkKeyUrl(body: unknown, { jwks }: ClientMetadata, findError: Options['findKeyUrlError']): void {
  const sent: Record<string, unknown> = { ...(body as ClientMetadata) };
  const { jwks_uri: url } = sent;
  if (namedAuthMethod(sent) !== 'private_key_jwt' || jwks || typeof url !== 'string' || url.trim() === '') return;
  const error = findError(url.trim());
  if (error) throw new errors.InvalidClientMetadata(`jwks_uri cannot be used (${error}); register the keys as jwks`);
}

/** All or nothing (R19): a client of which one URI is silently missing fails later, where nobody understands why. */
function checkRedirectUris({ redirect_uris: uris, response_types: types }: ClientMetadata) {
  if (uris === undefined && types?.length === 0) return;
  if (!Array.isArray(uris) || uris.length === 0) refuse('must be a list of at least one URI');
  const [error] = findRedirectUriErrors(uris);
  if (error) refuse(error.index === undefined ? error.sentence : `[${error.index}] ${error.sentence}`);
}

/** oidc-provider makes `invalid_redirect_uri` of a description that begins so (RFC 7591 §3.2.2). */
function refuse(reason: string): never {
  throw new errors.InvalidClientMetadata(`redirect_uris ${reason}`);
}
