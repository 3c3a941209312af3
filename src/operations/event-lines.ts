import type { Level } from 'pino';
import type { Event, EventName, ProtocolRefusal } from './events.ts';

const refused = { level: 'info', sentence: 'refused' } as const;

/** A client's doing is `info` or less; what is ours or the store's, or ends what people rely on, is `warn` or more. */
const lines: Record<Exclude<EventName, ProtocolRefusal>, { readonly level: Level; readonly sentence: string }> = {
  registration: { level: 'info', sentence: 'client registered' },
  grant: { level: 'info', sentence: 'tokens issued' },
  'refresh.moved': { level: 'info', sentence: 'renewed from another network or program than before' },
  'refresh.alternates': {
    level: 'warn',
    sentence: 'renewed from two places in turn: its refresh token may be in two hands',
  },
  server_error: { level: 'error', sentence: 'failed' },
  'registration.normalised': { level: 'debug', sentence: 'normalised' },
  'client.scope': { level: 'warn', sentence: 'its configured scope limits nothing' },
  consent: { level: 'info', sentence: 'approved' },
  'consent.declined': { level: 'info', sentence: 'declined' },
  'organization.chosen': { level: 'info', sentence: 'organization chosen' },
  'connection.changed': { level: 'info', sentence: 'connection changed' },
  'connection.renamed': { level: 'info', sentence: 'connection renamed' },
  'connection.revoked': { level: 'warn', sentence: 'connection revoked' },
  'role.unknown': { level: 'warn', sentence: 'the directory gives a role that the configuration does not have' },
  'administrator.revoked': { level: 'info', sentence: 'connection revoked by an administrator' },
  sign_in: { level: 'info', sentence: 'signed in' },
  'sign_in.second_step': { level: 'info', sentence: 'password right, a second factor is asked for' },
  'sign_in.factor_refused': { level: 'info', sentence: 'second factor refused' },
  'factor.added': { level: 'info', sentence: 'a factor of an account was added' },
  'factor.renamed': { level: 'info', sentence: 'a factor of an account was renamed' },
  'factor.removed': { level: 'warn', sentence: 'a factor of an account was removed' },
  'factor.recovery': { level: 'info', sentence: 'an account got new recovery codes' },
  'account.deleted': { level: 'warn', sentence: 'an account was deleted by the operator' },
  'organization.deleted': { level: 'warn', sentence: 'an organization was deleted by the operator' },
  'factor.reset': { level: 'warn', sentence: 'all factors of an account were removed by the operator' },
  'sign_in.refused': { level: 'info', sentence: 'sign-in refused' },
  'sign_in.limited': { level: 'info', sentence: 'sign-in refused' },
  'sign_in.busy': { level: 'info', sentence: 'sign-in put off: too many at once' },
  'sign_in.overloaded': { level: 'warn', sentence: 'sign-in put off: more passwords wait than can be looked at soon' },
  'sign_in.hand_off_refused': { level: 'info', sentence: 'sign-in at the console refused' },
  'console.accepted': { level: 'info', sentence: 'the console answered who it is' },
  'console.rejected': { level: 'info', sentence: 'the console signed nobody in' },
  'console.events': { level: 'info', sentence: 'the console told what ended' },
  'console.refused': { level: 'warn', sentence: 'a call of the console was refused' },
  'directory.call': { level: 'debug', sentence: 'the console was asked' },
  'directory.breaker': { level: 'warn', sentence: 'asking the console stopped, or began again' },
  'directory.unavailable': { level: 'warn', sentence: 'the directory of accounts does not answer, or not rightly' },
  'directory.available': { level: 'warn', sentence: 'the directory of accounts answers again' },
  sign_out: { level: 'info', sentence: 'signed out' },
  'identity_provider.signed_in': { level: 'info', sentence: 'signed in at an identity provider' },
  'identity_provider.refused': { level: 'info', sentence: 'sign-in at an identity provider refused' },
  'identity_provider.call': { level: 'debug', sentence: 'an identity provider was asked' },
  'identity_provider.logout': { level: 'info', sentence: 'an identity provider said that somebody has signed out' },
  'sign_out.everywhere': { level: 'info', sentence: 'signed out everywhere' },
  'password.forgotten': { level: 'info', sentence: 'a link to choose another password was asked for' },
  'password.reset': { level: 'info', sentence: 'another password was chosen by a link that was mailed' },
  'password.changed': { level: 'info', sentence: 'password changed' },
  'invitation.accepted': { level: 'info', sentence: 'an invitation was accepted' },
  'mail.sent': { level: 'info', sentence: 'mail handed over' },
  'mail.failed': { level: 'warn', sentence: 'a mail was not sent' },
  'mail.printed': { level: 'info', sentence: 'printed instead of mailed' },
  'forward-auth.misconfigured': { level: 'warn', sentence: 'misconfigured' },
  'forward-auth.refused': { level: 'debug', sentence: 'refused' },
  'client_document.fetch': { level: 'debug', sentence: 'fetched' },
  'client_document.error': { level: 'debug', sentence: 'not usable' },
  'client_document.stale': { level: 'warn', sentence: 'an old document is served' },
  store: { level: 'warn', sentence: 'store lost: nobody can be served' },
  'store.back': { level: 'warn', sentence: 'the store is back' },
  'store.evicts': {
    level: 'warn',
    sentence: 'Redis throws records away when its memory is full: set maxmemory-policy noeviction',
  },
  'store.evicted': { level: 'warn', sentence: 'Redis has thrown records away: connections and revocations are lost' },
  clock: {
    level: 'warn',
    sentence: 'the clock of this machine is off the one of the store: above 15 s nobody is served',
  },
  'clock.back': { level: 'warn', sentence: 'the clock of this machine agrees with the one of the store again' },
  overload: { level: 'warn', sentence: 'more is asked than can be answered soon: requests were refused with 503' },
  'keys.lost': {
    level: 'warn',
    sentence:
      'a record of keys was lost beside others that are still there, and is made anew: what the old ones signed counts no more',
  },
  'proxy.untrusted': {
    level: 'warn',
    sentence:
      'somebody outside TRUSTED_PROXIES sends X-Forwarded-* or X-Original-*, which is not believed: if it is your proxy, name it there, or everybody behind it has its address and shares the limits of one stranger, and what it says of a request it asks about counts for nothing',
  },
  error: { level: 'error', sentence: 'failed' },
  'request.refused': refused,
};

/** Names of all of them but what the protocol refuses, for the documentation. */
export const eventLines: Readonly<Record<string, { readonly level: Level; readonly sentence: string }>> = lines;

const ofPeople =
  /^(consent|organization|connection|administrator|sign_in|sign_out|console|identity_provider|password|invitation|factor|refresh)(\.|$)/;

/** Told with the address from which it was done, and the reference of its answer. */
export const isOfPerson = (name: EventName): boolean => name !== 'identity_provider.call' && ofPeople.test(name);

export const lineOf = (name: EventName) =>
  (lines as Partial<Record<EventName, { level: Level; sentence: string }>>)[name] ?? refused;

/**
 * What is the store's or ours is `warn` or more, whichever endpoint or page met it. A request that meets an outage is no
 * `error` of its own: `store` and its siblings say once what is wrong, these say whom it met, each with its reference.
 */
export function levelOf(event: Event): Level | undefined {
  // Not a person's doing: a provider is away, or is not what the configuration says.
  if (event.event === 'identity_provider.refused')
    return ['away', 'unusable'].includes(event.reason) ? 'warn' : undefined;
  const isFailure = event.event === 'server_error' || event.event === 'error';
  const { status } = isFailure ? statusOf(event.err) : (event as { readonly status?: number });
  if (isFailure) return status === 503 ? 'warn' : undefined;
  return status !== undefined && status >= 500 && lineOf(event.event).level === 'info' ? 'warn' : undefined;
}

const statusOf = (thrown: unknown) => {
  const { status, statusCode = status } = thrown as { readonly status?: number; readonly statusCode?: number };
  return { status: statusCode };
};
