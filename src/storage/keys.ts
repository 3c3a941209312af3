import { grantOfRefreshToken } from './refresh-token-value.ts';
import type { Secrecy } from './secrecy.ts';

/**
 * The only place that spells a key. One function a key; its comment is its row in README.md (a test compares them).
 * Braces are the hash tag of Redis Cluster: keys with the same tag live on the same node.
 */
export type Keys = ReturnType<typeof createKeys>;

/** Their identifiers are public: they stand in tokens and requests for everyone to see. */
const publicModels = new Set(['Client', 'Grant']);

export function createKeys(prefix: string, { hash }: Pick<Secrecy, 'hash'>) {
  const kinds = new Map<string, string>();
  /** Kebab case; models are few. */
  function kindOf(model: string): string {
    const kind = kinds.get(model) ?? model.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    kinds.set(model, kind);
    return kind;
  }

  return {
    /** One artefact of the protocol, under the keyed hash of its identifier; a refresh token beside its grant. */
    artefact: (model: string, id: string) => `${prefix}${kindOf(model)}:${placeOf(model, id, hash)}`,
    /** Which session a session uid belongs to. */
    sessionByUid: (uid: string) => `${prefix}session-uid:{${uid}}`,
    /** Which device code a user code belongs to. */
    deviceByUserCode: (userCode: string) => `${prefix}user-code:{${hash('user-code', userCode)}}`,
    /** Keys of the tokens with which one client manages its registration. */
    registrationTokens: (clientId: string) => `${prefix}registration-tokens:{${clientId}}`,
    /** What was approved: scopes by resource, as oidc-provider keeps it. */
    grant: (grantId: string) => `${prefix}grant:{${grantId}}`,
    /** What else is known of an approval: account, client, organization, label. */
    connection: (grantId: string) => `${prefix}connection:{${grantId}}`,
    /** Keys of the codes and tokens that stem from one approval. */
    artefactsOfGrant: (grantId: string) => `${prefix}grant-artefacts:{${grantId}}`,
    /** How often one connection was changed. */
    connectionChanges: (grantId: string) => `${prefix}connection-changes:{${grantId}}`,
    /** For which organization one connection was changed last, until another one may follow. */
    connectionTurn: (grantId: string) => `${prefix}connection-turn:{${grantId}}`,
    /** How many access tokens of one connection were revoked alone. */
    connectionRevokedTokens: (grantId: string) => `${prefix}connection-revoked-tokens:{${grantId}}`,
    /** Connections of one account. */
    connectionsOfAccount: (accountId: string) => `${prefix}account-connections:{${accountId}}`,
    /** Connections for one organization; also some that moved on to another. */
    connectionsOfOrganization: (organizationId: string) => `${prefix}organization-connections:{${organizationId}}`,
    /** Connections of one client. */
    connectionsOfClient: (clientId: string) => `${prefix}client-connections:{${clientId}}`,
    /** Until when sessions of an account began that count no more. */
    signedOut: (accountId: string) => `${prefix}signed-out:{${accountId}}`,
    /** The organization an account chose last. */
    lastOrganization: (accountId: string) => `${prefix}last-organization:{${accountId}}`,
    /** What was fetched for clients that are described on the web: metadata, key sets. URLs are as long as strangers like. */
    clientDocument: (kind: string, url: string) =>
      `${prefix}client-document:{${hash('client-document', `${kind} ${url}`)}}`,
    /** That somebody approved a client that is described on the web. */
    documentApproval: (clientId: string) => `${prefix}document-approval:{${hash('document-approval', clientId)}}`,

    /** What gateways must no longer accept, in order. */
    revocations: () => `${prefix}revocations`,
    /** That one access token was revoked. */
    revokedToken: (tokenId: string) => `${prefix}revoked-token:{${tokenId}}`,
    /** For how long access tokens were ever issued, in seconds. */
    accessTokenLifetimes: () => `${prefix}access-token-lifetimes`,

    /** A person: email, name, password hash, memberships. */
    account: (accountId: string) => `${prefix}account:{${accountId}}`,
    /** Which account an email address belongs to. */
    accountByEmail: (emailHash: string) => `${prefix}account-email:{${emailHash}}`,
    /** Identifiers of all accounts. */
    accounts: () => `${prefix}accounts`,
    /** An organization: slug and name. */
    organization: (organizationId: string) => `${prefix}organization:{${organizationId}}`,
    /** Which organization a slug belongs to. */
    organizationBySlug: (slug: string) => `${prefix}organization-slug:{${slug}}`,
    /** Failed sign-ins of one account or from one address. */
    signInFailures: (kind: 'account' | 'address', valueHash: string) =>
      `${prefix}sign-in-failures:${kind}:{${valueHash}}`,

    /** The private keys that sign tokens, encrypted. */
    signingKeys: () => `${prefix}signing-keys`,
    /** The keys that sign cookies, encrypted. */
    cookieKeys: () => `${prefix}cookie-keys`,
  };
}

function placeOf(model: string, id: string, hash: Secrecy['hash']): string {
  if (publicModels.has(model)) return `{${id}}`;
  const grantId = model === 'RefreshToken' ? grantOfRefreshToken(id) : undefined;
  return grantId ? `{${grantId}}:${hash(model, id)}` : `{${hash(model, id)}}`;
}
