import type { Configuration, FindAccount } from 'oidc-provider';
import { type ClientDocuments, clientDefaults, createClientId, maxDocumentBytes } from '../clients/index.ts';
import type { Policy } from '../config/index.ts';
import type { Directory } from '../directory/index.ts';
import type { Cookies, Paths } from '../http/index.ts';
import { createSigningKey, type SigningKeys } from '../keys/index.ts';
import { type Catalogue, identityScopes } from '../resources/index.ts';
import type { Vault } from '../storage/index.ts';
import { ownParameters } from './authorization-parameters.ts';
import { claims, createFindAccount } from './claims.ts';
import { createCookieConfiguration } from './cookies.ts';
import { createLifetimes } from './lifetimes.ts';
import { refuseLongAssertion } from './long-assertions.ts';
import { approvedGrantId, askBeside, createPrompts, type HasSignedOut, useApprovedScope } from './prompts.ts';
import { createClientPolicy, type Normalised } from './registration.ts';
import { createResourceIndicators } from './resource-servers.ts';
import { createRoutes } from './routes.ts';

interface ProviderParts {
  readonly issuer: string;
  readonly policy: Policy;
  readonly adapter: NonNullable<Configuration['adapter']>;
  readonly vault: Vault;
  readonly signing: SigningKeys;
  readonly cookieKeys: string[];
  readonly cookies: Cookies;
  /** Where the pages of the flow are. */
  readonly paths: Pick<Paths, 'interaction'>;
  readonly catalogue: Catalogue;
  readonly directory: Directory;
  readonly hasSignedOut: HasSignedOut;
  /** Its person signs in at a console, for each authorization anew. */
  readonly isOfConsole?: Parameters<typeof createPrompts>[0]['isOfConsole'];
  /** What the ways in can really say of how somebody signed in. */
  readonly acrValues: readonly string[];
  readonly provesAcr?: Parameters<typeof createPrompts>[0]['provesAcr'];
  readonly isUndated?: Parameters<typeof createPrompts>[0]['isUndated'];
  readonly lacksFactor?: Parameters<typeof createPrompts>[0]['lacksFactor'];
  /** How long a session of the browser lives, in seconds. */
  readonly ttlOfSession: (session: never) => number;
  readonly pages: Pages;
  readonly documents: ClientDocuments;
  readonly onClientNormalised: (describe: () => Normalised | undefined) => void;
}

/** The pages that the provider shows by itself. */
interface Pages {
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
  const { policy, vault, signing } = parts;
  const registers = policy.registration === 'open';
  const { findAccount, hasSignedOut } = askBeside(createFindAccount(parts), parts.hasSignedOut);
  return {
    adapter: parts.adapter,
    jwks: { keys: signing.jwks.keys.map(createSigningKey) } as NonNullable<Configuration['jwks']>,
    cookies: createCookieConfiguration(parts.cookieKeys, parts.cookies),
    routes: createRoutes(parts.issuer),
    ttl: {
      ...createLifetimes(policy.lifetimes),
      Session: (_ctx: unknown, session: never) => parts.ttlOfSession(session),
    } as NonNullable<Configuration['ttl']>,
    interactions: {
      policy: createPrompts({ ...parts, hasSignedOut }),
      // With an empty fragment, or that of the authorization URL would follow the browser to our page (RFC 9110 §10.2.2),
      // and whoever wrote the URL could choose where on it the focus is.
      url: (_ctx, { uid }) => `${parts.paths.interaction(uid)}#`,
    },

    clientDefaults: clientDefaults(signing.algorithm) as NonNullable<Configuration['clientDefaults']>,
    extraClientMetadata: createClientPolicy({
      onNormalised: parts.onClientNormalised,
      findKeyUrlError: parts.documents.findUrlError,
    }) as NonNullable<Configuration['extraClientMetadata']>,
    // The last one needs keys that were registered or published: clients of metadata documents can have no secret (ChatGPT).
    clientAuthMethods: [...clientAuthMethods, 'private_key_jwt'],
    assertJwtClientAuthClaimsAndHeader: refuseLongAssertion,
    enabledJWA: { idTokenSigningAlgValues: [signing.algorithm as 'ES256'] },

    discovery: {
      userinfo_endpoint: new URL(createRoutes(parts.issuer).userinfo, parts.issuer).href,
      ui_locales_supported: [...policy.languages],
    },
    responseTypes: ['code'],
    // `sub` is the account, for every client: the directory is asked about it.
    subjectTypes: ['public'],
    scopes: [...identityScopes],
    claims,
    acrValues: [...parts.acrValues],
    extraParams: [...ownParameters],
    pkce: { required: () => true },
    // OAuth 2.1 §4.1.1 (R96). What of loopback redirects may differ from request to request it then cannot.
    allowOmittingSingleRegisteredRedirectUri: true,
    clientBasedCORS: () => true,

    findAccount: findAccount as FindAccount,
    loadExistingGrant: async (ctx) => {
      const grantId = approvedGrantId(ctx);
      const grant = grantId ? await ctx.oidc.provider.Grant.find(grantId) : undefined;
      // What has ended meanwhile is asked for anew, and then only what was requested.
      if (grant) useApprovedScope(ctx);
      return grant;
    },
    // R36: whatever `offline_access` or `prompt` says; a tool that is signed out hourly is broken to its user.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    // OAuth 2.1 §4.3.1: rotated at each use, for every client.
    rotateRefreshToken: true,
    revokeGrantPolicy: () => true,
    renderError: parts.pages.showError,

    // What configured clients let the provider fetch may be as large as what others let us fetch.
    fetchResponseBodyLimits: { jwks_uri: maxDocumentBytes, sector_identifier_uri: maxDocumentBytes },

    features: {
      // The acknowledgement names the revision of the feature that this was written for (oidc-provider 9.13).
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      devInteractions: { enabled: false },
      // Advertised only: the adapter answers for every URL, or throws, before the provider would fetch it.
      clientIdMetadataDocument: { enabled: policy.clientDocuments.enabled, ack: 'draft-02', allowFetch: () => false },
      registration: { enabled: registers, idFactory: createClientId, secretFactory: () => vault.createSplitSecret() },
      registrationManagement: { enabled: registers, rotateRegistrationAccessToken: false },
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
