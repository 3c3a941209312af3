import { memoize } from '../memoize.ts';
import type { Vault } from './vault.ts';

/**
 * The only place that spells a key. One function a key, and one row for it in README.md (a test compares them).
 * Braces are the hash tag of Redis Cluster: keys with the same tag live on the same node.
 */
export type RecordNames = ReturnType<typeof nameRecords> & {
  /** The same names under secrets of before: where a record is that the first one does not find. */
  readonly former: readonly ReturnType<typeof nameRecords>[];
};

export function createRecordNames(
  prefix: string,
  { hashers: [first, ...former] }: Pick<Vault, 'hashers'>,
): RecordNames {
  // A code is named for each step of its short life: as many as are on their way at once.
  const hashOfCode = memoize((code) => first('AuthorizationCode', code), 50);
  const names = rememberBrought(nameRecords(prefix, first, hashOfCode));
  return { ...names, former: former.map((hash) => nameRecords(prefix, hash)) };
}

/** Of what a browser brings again and again; not of what is presented once, nor of what proves a client. */
function rememberBrought(names: ReturnType<typeof nameRecords>): ReturnType<typeof nameRecords> {
  const model = (kind: string) => memoize((id) => names.model(kind, id));
  const models = new Map(['Session', 'Interaction'].map((kind) => [kind, model(kind)]));
  const installation = memoize((facts) => names.installation(JSON.parse(facts)));
  return {
    ...names,
    model: (kind, id) => models.get(kind)?.(id) ?? names.model(kind, id),
    receipt: memoize(names.receipt),
    installation: (facts) => installation(JSON.stringify(facts)),
  };
}

/** Beside the record that is written: it is in the same slot. */
export function nameAnswer(prefix: string, slot: string, nonce: string): string {
  return `${prefix}answer:{${slot}}:${nonce}`;
}

/** Of a list its members by when they are due, in the same slot. */
export function nameDue(list: string): string {
  return list.includes('{') ? `${list}:due` : `{${list}}:due`;
}

function nameRecords(
  prefix: string,
  hash: Vault['hash'],
  hashOfCode = (code: string) => hash('AuthorizationCode', code),
) {
  const kinds = new Map<string, string>();
  /** Kebab case; models are few. */
  function kindOf(model: string): string {
    const kind = kinds.get(model) ?? model.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    kinds.set(model, kind);
    return kind;
  }

  return {
    /** What a client registered. */
    client: (clientId: string) => `${prefix}client:{${clientId}}`,
    /** One record of the protocol, under the keyed hash of its identifier. */
    model: (model: string, id: string) => `${prefix}${kindOf(model)}:{${hash(model, id)}}`,
    /** Where a flow that is over sent its person. */
    receipt: (uid: string) => `${prefix}receipt:{${hash('receipt', uid)}}`,
    /** An authorization code, beside the connection that it is for. */
    authorizationCode: (connectionId: string, code: string) =>
      `${prefix}authorization-code:{${connectionId}}:${hashOfCode(code)}`,
    /** The refresh tokens that follow from one code, beside their connection. */
    refreshLine: (connectionId: string, lineId: string) => `${prefix}refresh-line:{${connectionId}}:${lineId}`,
    /** Which session a session uid belongs to. */
    sessionByUid: (uid: string) => `${prefix}session-uid:{${uid}}`,
    /** How many sessions were kept in which nobody was signed in. */
    nobodysSessionCount: () => `${prefix}nobodys-session-count`,
    /** One of the slots for sessions in which nobody is signed in. */
    nobodysSession: (slot: number) => `${prefix}nobodys-session:{${slot}}`,
    /** How much was begun by people who were not signed in. */
    unfinishedCount: () => `${prefix}unfinished-count`,
    /** One of the slots for what they need not finish. */
    unfinished: (slot: number) => `${prefix}unfinished:{${slot}}`,
    /** Names of the tokens with which one client manages its registration. */
    registrationTokens: (clientId: string) => `${prefix}registration-tokens:{${clientId}}`,
    /** That somebody signed in for a client. */
    registrationUse: (clientId: string) => `${prefix}registration-use:{${clientId}}`,
    /** How many clients ever registered. */
    registrationCount: () => `${prefix}registration-count`,
    /** One of the slots for registrations that nobody uses yet. */
    unusedRegistration: (slot: number) => `${prefix}unused-registration:{${slot}}`,
    /** What was approved: by which account, for which client, organization and scopes. */
    connection: (connectionId: string) => `${prefix}connection:{${connectionId}}`,
    /** Which connection one installation of a client has for one organization and resource. */
    installation: (facts: readonly string[]) =>
      `${prefix}installation:{${hash('installation', JSON.stringify(facts))}}`,
    /** How often one connection was changed. */
    connectionChanges: (connectionId: string) => `${prefix}connection-changes:{${connectionId}}`,
    /** To which organization and scopes one connection was changed last, until another change may follow. */
    connectionChangeLock: (connectionId: string) => `${prefix}connection-change-lock:{${connectionId}}`,
    /** How many access tokens of one connection were revoked alone. */
    connectionRevokedTokens: (connectionId: string) => `${prefix}connection-revoked-tokens:{${connectionId}}`,
    /** Connections of one account, by when they began. */
    connectionsOfAccount: (accountId: string) => `${prefix}account-connection-list:{${accountId}}`,
    /** Connections for one organization, by when they began. */
    connectionsOfOrganization: (organizationId: string) => `${prefix}organization-connection-list:{${organizationId}}`,
    /** Connections of one client, by when they began. */
    connectionsOfClient: (clientId: string) => `${prefix}client-connection-list:{${clientId}}`,
    /** Connections of one account that were made before there were lists. */
    formerConnectionsOfAccount: (accountId: string) => `${prefix}account-connections:{${accountId}}`,
    /** The same of one organization; also some that moved on to another. */
    formerConnectionsOfOrganization: (organizationId: string) =>
      `${prefix}organization-connections:{${organizationId}}`,
    /** The same of one client. */
    formerConnectionsOfClient: (clientId: string) => `${prefix}client-connections:{${clientId}}`,
    /** Until when sessions of an account began that count no more. */
    signedOut: (accountId: string) => `${prefix}signed-out:{${accountId}}`,
    /** The organization an account chose last. */
    lastOrganization: (accountId: string) => `${prefix}last-organization:{${accountId}}`,
    /** What was fetched for clients that are described on the web: metadata, key sets. URLs are as long as strangers like. */
    clientDocument: (kind: string, url: string) =>
      `${prefix}client-document:{${hash('client-document', `${kind} ${url}`)}}`,
    /** How many documents were ever fetched for the first time. */
    documentCount: () => `${prefix}document-count`,
    /** One of the slots for documents of clients that nobody has approved yet. */
    unusedDocument: (slot: number) => `${prefix}unused-document:{${slot}}`,
    /** That somebody approved a client that is described on the web. */
    documentApproval: (clientId: string) => `${prefix}document-approval:{${hash('document-approval', clientId)}}`,

    /** What gateways must no longer accept, in order. */
    revocations: () => `${prefix}revocations`,
    /** That one access token was revoked. */
    revokedToken: (tokenId: string) => `${prefix}revoked-token:{${tokenId}}`,
    /** What the configuration of the last start allowed. */
    policy: () => `${prefix}policy`,
    /** For how long access tokens were ever issued, in seconds. */
    accessTokenLifetimes: () => `${prefix}access-token-lifetimes`,

    /** A person: email, name, password hash, memberships. */
    account: (accountId: string) => `${prefix}account:{${accountId}}`,
    /** Which account an email address belongs to. */
    accountByEmail: (emailHash: string) => `${prefix}account-email:{${emailHash}}`,
    /** Identifiers of all accounts. */
    accounts: () => `${prefix}accounts`,
    /** Which account a person of an identity provider has who was found by email. */
    identity: (identityId: string) => `${prefix}identity:{${identityId}}`,
    /** An organization: slug and name. */
    organization: (organizationId: string) => `${prefix}organization:{${organizationId}}`,
    /** Which organization a slug belongs to. */
    organizationBySlug: (slug: string) => `${prefix}organization-slug:{${slug}}`,
    /** One of the slots for tries to sign in to one account or from one network. */
    signInFailures: (kind: 'account' | 'address', valueHash: string, slot: number) =>
      `${prefix}sign-in-failures:${kind}:{${valueHash}}:${slot}`,
    /** What a link that was mailed is for. */
    oneTimeLink: (linkHash: string) => `${prefix}one-time-link:{${linkHash}}`,
    /** Links of the invitations that nobody has accepted yet. */
    invitations: () => `${prefix}invitations`,
    /** From which networks somebody has signed in to an account. */
    signInNetworks: (accountHash: string) => `${prefix}sign-in-networks:{${accountHash}}`,
    /** What an account has beside its password: authenticator apps, passkeys, recovery codes. */
    factors: (accountId: string) => `${prefix}factors:{${accountId}}`,
    /** Which account a passkey belongs to. */
    passkey: (credentialHash: string) => `${prefix}passkey:{${credentialHash}}`,
    /** That a passkey answered this challenge. */
    usedChallenge: (challengeHash: string) => `${prefix}used-challenge:{${challengeHash}}`,

    /** What a form was answered, for a browser that sends it again; one of so many slots. */
    onceAnswered: (slot: number) => `${prefix}once-answered:{${slot}}`,

    /** How often something was asked for within a while, from one network or address, or with one secret. */
    requestCount: (hash: string) => `${prefix}request-count:{${hash}}`,
    /** How many connections were made from one network within this month. */
    completedFlows: (hash: string) => `${prefix}completed-flows:{${hash}}`,

    /** For which sign-in a console was asked, and what it answered. */
    loginChallenge: (challengeHash: string) => `${prefix}login-challenge:{${challengeHash}}`,
    /** Which challenge a ticket is the answer to. */
    loginTicket: (ticketHash: string) => `${prefix}login-ticket:{${ticketHash}}`,
    /** That an event of the console's directory was acted on. */
    directoryEvent: (eventHash: string) => `${prefix}directory-event:{${eventHash}}`,
    /** How often a console called within this minute, as this client. */
    consoleCalls: (clientId: string) => `${prefix}console-calls:{${clientId}}`,
    /** That somebody came back from an identity provider with this. */
    usedSignIn: (stateHash: string) => `${prefix}used-sign-in:{${stateHash}}`,
    /** Whose session at an identity provider it is, and whether it has ended. */
    providerSession: (sessionHash: string) => `${prefix}provider-session:{${sessionHash}}`,
    /** That an identity provider said once that somebody has signed out. */
    logoutToken: (tokenHash: string) => `${prefix}logout-token:{${tokenHash}}`,
    /** Written to see whether the store can be written. */
    probe: (id: string) => `${prefix}probe:{${id}}`,

    /** What a write was answered, for whoever lost it. */
    answer: (slot: string, nonce: string) => nameAnswer(prefix, slot, nonce),

    /** A text that the secret opens, so that another one is noticed at the start. */
    storeSecret: () => `${prefix}store-secret`,
    /** The private keys that sign tokens, encrypted. */
    signingKeys: () => `${prefix}signing-keys`,
    /** The keys that sign cookies, encrypted. */
    cookieKeys: () => `${prefix}cookie-keys`,
  };
}
