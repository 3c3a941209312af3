import Provider, { type Configuration, type FindAccount } from 'oidc-provider';
import {
  type ClientDocuments,
  clientDefaults,
  completeConfiguredClient,
  createClientId,
  maxDocumentBytes,
  supportedByDefault,
  withoutScope,
} from '../clients/index.ts';
import type { Policy } from '../config/index.ts';
import type { Connections, RevocationReason, Revocations } from '../connections/index.ts';
import type { Directory } from '../directory/index.ts';
import type { Cookies, Paths } from '../http/index.ts';
import type { SigningKeys } from '../keys/index.ts';
import { type Catalogue, identityScopes, type NarrowToRole } from '../resources/index.ts';
import { createAdapter, type Keys, type Secrecy, type Store } from '../storage/index.ts';
import { claims, createExtraTokenClaims, createFindAccount, nameScope } from './claims.ts';
import { answerConfiguredClients } from './configured-clients.ts';
import { createCookieConfiguration } from './cookies.ts';
import type { Issuance } from './issuance.ts';
import { createLifetimes, createRegistrationLifetimes } from './lifetimes.ts';
import { approvedGrantId, createPrompts, type HasSignedOut } from './prompts.ts';
import { createClientPolicy, type Normalised } from './registration.ts';
import { createResourceIndicators } from './resource-servers.ts';
import { reasonOfRequest } from './revocation.ts';
import { createRoutes } from './routes.ts';
import { createSigningKey } from './signing-key.ts';
import { tidyScope } from './token-request.ts';

export interface ProviderParts {
  readonly issuer: string;
  readonly policy: Policy;
  readonly store: Store;
  readonly keys: Keys;
  readonly secrecy: Secrecy;
  readonly signing: SigningKeys;
  readonly cookieKeys: string[];
  readonly cookies: Cookies;
  /** Where the pages of the flow are. */
  readonly paths: Pick<Paths, 'interaction'>;
  readonly catalogue: Catalogue;
  readonly narrowToRole: NarrowToRole;
  readonly directory: Directory;
  readonly connections: Connections;
  readonly issuance: Issuance;
  readonly revocations: Revocations;
  readonly hasSignedOut: HasSignedOut;
  readonly pages: Pages;
  readonly documents: ClientDocuments;
  readonly onRevoked: (connectionId: string, reason: RevocationReason) => void;
  readonly onClientNormalised: (what: Normalised) => void;
  /** A configured client has a `scope`, which limits nothing. */
  readonly onScopeIgnored: (clientId: string) => void;
}

/** The pages that the provider shows by itself. */
export interface Pages {
  readonly showError: NonNullable<Configuration['renderError']>;
  readonly showSignOut: NonNullable<
    NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>['logoutSource']
  >;
  readonly showSignedOut: NonNullable<
    NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>['postLogoutSuccessSource']
  >;
}

/** R5: `none` first, because some clients take the first one. */
const clientAuthMethods = ['none', 'client_secret_post', 'client_secret_basic'] as const;

/** The configuration of oidc-provider, a fragment a decision. */
export function createConfiguration(parts: ProviderParts): Configuration {
  const { policy, secrecy, signing, issuance } = parts;
  const clients = policy.clients
    .map((client) => withoutScope(client, parts.onScopeIgnored))
    .map(completeConfiguredClient);
  const whenAsked = (model: string) => {
    tidyScope(model);
    issuance.foresee(model);
  };
  const stored = createAdapter({
    ...parts,
    refreshGrace: policy.lifetimes.refreshGrace,
    refreshTokenReuse: policy.refreshTokenReuse,
    registrationLifetimes: createRegistrationLifetimes(policy.lifetimes),
    async beforeTaking({ grantId, resource }) {
      if (Provider.ctx && grantId) await issuance.prepare(Provider.ctx, { grantId, resource });
    },
    whenEnding: (grantId) => parts.connections.whenEnding(grantId),
    beforeEnding: (grantId) => parts.revocations.connectionEnded(grantId, reasonOfRequest()),
    whenEnded: (grantId) => parts.onRevoked(grantId, reasonOfRequest()),
    whenAsked,
    whenPresented: issuance.recall,
  });
  return {
    adapter: answerConfiguredClients(stored, clients, whenAsked),
    jwks: { keys: signing.jwks.keys.map(createSigningKey) } as NonNullable<Configuration['jwks']>,
    cookies: createCookieConfiguration(parts.cookieKeys, parts.cookies),
    routes: createRoutes(parts.issuer),
    ttl: createLifetimes(policy.lifetimes) as NonNullable<Configuration['ttl']>,
    interactions: { policy: createPrompts(parts), url: (_ctx, { uid }) => parts.paths.interaction(uid) },

    clientDefaults: clientDefaults(signing.algorithm) as NonNullable<Configuration['clientDefaults']>,
    extraClientMetadata: createClientPolicy({
      supported: { ...supportedByDefault, authMethods: clientAuthMethods },
      onNormalised: parts.onClientNormalised,
    }) as NonNullable<Configuration['extraClientMetadata']>,
    // The last one is for metadata documents, whose clients can have no secret (ChatGPT).
    clientAuthMethods: [...clientAuthMethods, 'private_key_jwt'],
    enabledJWA: { idTokenSigningAlgValues: [signing.algorithm as 'ES256'] },

    discovery: { userinfo_endpoint: new URL(createRoutes(parts.issuer).userinfo, parts.issuer).href },
    responseTypes: ['code'],
    // `sub` is the account, for every client: the directory is asked about it.
    subjectTypes: ['public'],
    scopes: [...identityScopes],
    claims,
    extraParams: ['organization'],
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => true,

    findAccount: createFindAccount(parts) as FindAccount,
    extraTokenClaims: createExtraTokenClaims({ issuance }),
    formats: { customizers: { jwt: nameScope } },
    loadExistingGrant: async (ctx) => {
      const grantId = approvedGrantId(ctx);
      return grantId ? ctx.oidc.provider.Grant.find(grantId) : undefined;
    },
    // R36: whatever `offline_access` or `prompt` says; a tool that is signed out hourly is broken to its user.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    // OAuth 2.1 §4.3.1: rotated at each use, for every client.
    rotateRefreshToken: true,
    revokeGrantPolicy: () => true,
    renderError: parts.pages.showError,

    fetch: parts.documents.createFetch(),
    // Documents are measured where they are fetched; what else clients let us fetch may be as large.
    fetchResponseBodyLimits: {
      'client_id metadata document': Infinity,
      jwks_uri: maxDocumentBytes,
      sector_identifier_uri: maxDocumentBytes,
    },

    features: {
      // The acknowledgement names the revision of the feature that this was written for (oidc-provider 9.13).
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      devInteractions: { enabled: false },
      clientIdMetadataDocument: parts.documents.feature,
      registration: { enabled: true, idFactory: createClientId, secretFactory: () => secrecy.createSplitSecret() },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: false },
      resourceIndicators: createResourceIndicators({
        ...parts,
        accessTokenTtl: policy.lifetimes.accessToken,
        algorithm: signing.algorithm,
      }),
      revocation: { enabled: true, allowedPolicy: isOwner },
      introspection: { enabled: true, allowedPolicy: isOwner },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: parts.pages.showSignOut,
        postLogoutSuccessSource: parts.pages.showSignedOut,
      },
      userinfo: { enabled: false },
      // Stock defaults that no gateway of ours understands yet: what is advertised must hold to the end of the way.
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
    },
  };
}

/** Others learn nothing, not even that the token exists (RFC 7009 §2.1, RFC 7662 §4). */
async function isOwner(_ctx: unknown, client: { clientId: string }, token: { clientId?: string | undefined }) {
  return token.clientId === client.clientId;
}
