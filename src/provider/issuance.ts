import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Connection, Connections } from '../connections/index.ts';
import type { Directory, Membership } from '../directory/index.ts';
import type { Catalogue } from '../resources/index.ts';
import { perRequest } from '../storage/index.ts';
import { createForesight } from './foresight.ts';

/** For whom a token is issued, as true now as the directory says: not as true as it was when the person approved. */
export interface Issued {
  readonly connection: Connection;
  readonly membership: Membership;
}

export interface Issuance {
  /**
   * Everything that can be wrong with redeeming this code or refresh token, checked before it is taken: a mistake
   * must not cost the client its token (decision 6, R62, R68, R72). Runs within a request to the token endpoint.
   */
  prepare(ctx: KoaContextWithOIDC, source: Source): Promise<Issued>;
  /** A grant that this request reads comes with the connection that it is: no need to ask for it again. */
  recall(model: string, payload: object): void;
  /**
   * Asks about the membership while the store is asked about the token: whom a connection is for hardly ever changes. What
   * is answered counts only if the connection, when it was read, is for the same person and organization still.
   */
  foresee(model: string): void;
  /** What `prepare` found for this request. */
  of(): Issued | undefined;
}

/** A code or a refresh token. */
interface Source {
  readonly grantId: string;
  readonly resource?: string | string[] | undefined;
  /** Where it is known already. */
  readonly connection?: Connection | undefined;
}

interface Parts {
  readonly catalogue: Catalogue;
  readonly connections: Connections;
  readonly directory: Directory;
}

export function createIssuance({ catalogue, connections, directory }: Parts): Issuance {
  const prepared = perRequest<Issued>();
  const recalled = perRequest<Connection>();
  const foresight = createForesight(directory);

  async function findIssued({ grantId, connection: known }: Source): Promise<Issued> {
    const connection = known ?? recalled.get() ?? (await connections.find(grantId));
    if (!connection) throw new errors.InvalidGrant('connection not found');
    const membership = await foresight.findMembership(connection);
    if (membership) return { connection, membership };
    await connections.revoke(connection.id, 'membership ended');
    throw new errors.InvalidGrant('the account is no longer a member of the organization');
  }

  return {
    async prepare(ctx, source) {
      useGrantedResource(ctx, catalogue, source.resource);
      const issued = await findIssued(source);
      prepared.set(issued);
      await connections.touch(issued.connection, Math.floor(Date.now() / 1000));
      return issued;
    },
    recall(model, payload) {
      const { connection } = payload as { connection?: Connection };
      if (model === 'Grant' && connection) recalled.set(connection);
    },
    foresee: foresight.foresee,
    of: () => prepared.get(),
  };
}

/**
 * The resource of a token request in the spelling of the grant (R41). oidc-provider 9.13 compares exact strings, and
 * only after the code or refresh token was taken.
 */
function useGrantedResource(ctx: KoaContextWithOIDC, catalogue: Catalogue, granted: string | string[] | undefined) {
  const { params } = ctx.oidc;
  if (!params?.resource || params.resource === granted) return;
  const asked = [params.resource].flat().map((uri) => catalogue.find(String(uri))?.uri);
  const [uri] = new Set(asked);
  // RFC 8707 §2.2: a token request may name resources of the grant, no other.
  if (new Set(asked).size !== 1 || !uri || ![granted].flat().includes(uri)) throw new errors.InvalidTarget();
  params.resource = uri;
}
