import { isDeepStrictEqual } from 'node:util';
import type { AdapterPayload } from 'oidc-provider';
import type { Connection } from '../connections/index.ts';
import { keepMeanwhile, type RequestReads } from '../storage/index.ts';
import type { AuthorizationCodes } from './authorization-codes.ts';
import type { Members } from './client-adapter.ts';
import { ModelAdapter, type ModelParts, reasonOfRequest } from './model-adapter.ts';
import { serialize, withTimesOfNow } from './payloads.ts';
import { changeable, type PresentedRefreshToken, type RefreshGrantChange, type RefreshLines } from './refresh-lines.ts';

interface Parts extends ModelParts {
  readonly reads: RequestReads;
  readonly codes: AuthorizationCodes;
  readonly lines: RefreshLines;
  readonly refreshTokenTtl: (line: { readonly iiat: number }) => number;
  readonly members?: Pick<Members, 'note'> | undefined;
}

/** A Grant of oidc-provider is a view of the connection that it is: no second record that could say something else. */
export class GrantAdapter extends ModelAdapter {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super('Grant', parts);
    this.#parts = parts;
  }

  override async upsert(): Promise<void> {
    throw new TypeError('a grant begins as a connection');
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const { reads, members } = this.#parts;
    const [record] = await reads.read([this.parts.names.connection(id)]);
    if (!record) return undefined;
    const connection: Connection = JSON.parse(record.value);
    // Where a flow goes on to its code, which is presented next.
    members?.note(connection);
    return withTimesOfNow(grantOf(connection));
  }

  override async destroy(id: string): Promise<void> {
    await this.parts.connections.end(id, reasonOfRequest());
  }
}

/** Beside its connection; see `authorization-codes.ts`. */
export class CodeAdapter extends ModelAdapter {
  readonly #codes: AuthorizationCodes;

  constructor({ codes, ...parts }: Parts) {
    super('AuthorizationCode', parts);
    this.#codes = codes;
  }

  protected override nameOf(id: string): string {
    return this.#codes.recordOf(id);
  }

  protected override formerNamesOf(): string[] {
    return [];
  }

  override async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    await keepMeanwhile(this.parts.store.write(this.nameOf(id), serialize(this.model, payload), expiresIn));
  }
}

/** Follow from where its line is, with each look. */
const computed = ['kind', 'jti', 'iat', 'exp', 'rotations', 'gty', 'consumed'];

/** For revocation and introspection: a refresh token is computed, not kept; see `refresh-lines.ts`. */
export class RefreshTokenAdapter extends ModelAdapter {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super('RefreshToken', parts);
    this.#parts = parts;
  }

  /** A host found one and saves it again: the change is for what follows it as well. What cannot be kept is not lost in silence. */
  override async upsert(id: string, payload: AdapterPayload): Promise<void> {
    const found = await this.#parts.lines.find(id);
    if (!found?.connection) throw new TypeError('a refresh token comes of a code or of another one, and is computed');
    const before = this.#toPayload(id, found) as Record<string, unknown>;
    const changed = Object.keys({ ...before, ...payload }).filter(
      (name) => !computed.includes(name) && !isDeepStrictEqual(before[name], (payload as typeof before)[name]),
    );
    const fixed = changed.filter((name) => !(changeable as readonly string[]).includes(name));
    if (fixed.length > 0) throw new TypeError(`of a refresh token ${fixed.join(', ')} cannot be changed`);
    const change = Object.fromEntries(changed.map((name) => [name, (payload as typeof before)[name]]));
    if (changed.length > 0 && !(await this.#parts.lines.change(id, change as RefreshGrantChange)))
      throw new TypeError('the refresh token has ended meanwhile');
  }

  override async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.#parts.lines.find(id);
    return found?.connection && withTimesOfNow(this.#toPayload(id, found));
  }

  #toPayload(id: string, { name, source, progress }: PresentedRefreshToken): AdapterPayload {
    const { amr, ...rest } = source;
    return {
      ...rest,
      ...(amr && { amr: [...amr] }),
      kind: 'RefreshToken',
      jti: id,
      grantId: name.connectionId,
      iat: progress.reachedAt,
      exp: progress.reachedAt + this.#parts.refreshTokenTtl(source),
      rotations: name.generation,
      gty: name.generation === 0 ? 'authorization_code' : 'authorization_code refresh_token',
      ...(name.generation < progress.generation && { consumed: progress.reachedAt }),
    } as AdapterPayload;
  }

  /** RFC 7009 §2.1: with the refresh token ends what was approved. */
  override async destroy(id: string): Promise<void> {
    const [connectionId = ''] = id.split('.');
    await this.parts.connections.end(connectionId, reasonOfRequest());
  }
}

/** As oidc-provider 9.13 keeps what was approved: scopes by resource, separated by spaces. */
function grantOf(connection: Connection): AdapterPayload {
  const { id, accountId, clientId, createdAt, resource, scopes, identityScopes } = connection;
  return {
    kind: 'Grant',
    jti: id,
    iat: createdAt,
    accountId,
    clientId,
    ...(identityScopes.length > 0 && { openid: { scope: identityScopes.join(' ') } }),
    resources: { [resource]: scopes.join(' ') },
  } as AdapterPayload;
}
