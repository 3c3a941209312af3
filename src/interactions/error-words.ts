import type { Frame } from '../http/index.ts';
import type { Values, Words } from '../messages/index.ts';
import type { ErrorPage, Requester } from './pages.ts';
import { findReset } from './registration-reset.ts';
import type { TryAgain } from './try-again.ts';
import type { WayOut } from './way-out.ts';

/** The flow is over: expired, finished elsewhere, or no longer what it was. */
export class FlowEnded extends Error {
  override readonly name = 'FlowEnded';
  readonly code = 'INTERACTION_EXPIRED';
  readonly status = 400;

  /** Which check found it over (R107); for the log, the page says the same for all. */
  readonly detail: string;

  constructor(detail: string) {
    super('the sign-in flow is over');
    this.detail = detail;
  }
}

type Shown = Pick<ErrorPage, 'heading' | 'explanation' | 'said' | 'steps'>;

/** Which messages an error page has: `error.ended.heading` and so on. */
const errors = {
  ended: ['error.ended.connected', 'error.ended.otherwise'],
  /** Not of a flow that is over: whoever comes without any cookie has none, or came with another browser. */
  cookies: ['error.cookies.allow', 'error.cookies.again'],
  /** The same where there is no flow: the account, forgotten passwords, invitations, signing out. */
  'no-cookies': ['error.cookies.allow', 'error.no-cookies.again'],
  unavailable: ['error.unavailable.reload'],
  'too-many': ['error.too-many.reload'],
  /** Registering again helps nobody here: the id is the address of a description. */
  document: ['error.document.later', 'error.document.maker'],
  /** Nor here: only whoever runs the server adds tools. */
  'closed-to-tool': ['error.closed-to-tool.ask'],
  destination: ['error.destination.stop', 'error.destination.again'],
  forbidden: ['error.start-again', 'error.close-window'],
  'not-found': [],
  outdated: ['error.outdated.again'],
  role: ['error.role.tell', 'error.role.other'],
  server: ['error.start-again', 'error.close-window'],
  request: ['error.request.again', 'error.request.maker'],
} satisfies Record<string, readonly string[]>;

type ErrorKind = keyof typeof errors;

function shown(kind: ErrorKind, { say }: Words, values: Values = {}): Shown {
  const [heading, explanation] = [say(`error.${kind}.heading`), say(`error.${kind}.explanation`, values)];
  return { heading, explanation, steps: errors[kind].map((key) => say(key)) };
}

function unknownClient({ clientId = '', redirectUri, mayRegister = true }: ErrorFacts, words: Words): Shown {
  const { host } = URL.parse(clientId) ?? {};
  if (host) return shown('document', words, { host });
  if (!mayRegister) return shown('closed-to-tool', words);
  const { say } = words;
  const { tool, steps } = findReset(redirectUri);
  return {
    heading: say('error.unknown-tool.heading'),
    explanation: tool === undefined ? say('error.unknown-tool.some') : say('error.unknown-tool.explanation', { tool }),
    steps: steps.map((key) => say(key)),
  };
}

const byError: Record<string, ErrorKind> = {
  unknown_role: 'role',
  no_cookies: 'no-cookies',
  form_outdated: 'outdated',
  invalid_redirect_uri: 'destination',
  temporarily_unavailable: 'unavailable',
};

const byStatus: Record<number, ErrorKind> = {
  403: 'forbidden',
  404: 'not-found',
  405: 'not-found',
  503: 'unavailable',
};

export interface ErrorFacts {
  readonly status: number;
  /** The OAuth error code, or the name of an error of ours. */
  readonly error?: string | undefined;
  readonly description?: string | undefined;
  /** Of the authorization request, as they were sent. */
  readonly clientId?: string | undefined;
  readonly redirectUri?: string | undefined;
  /** The client that it names, where there is one. */
  readonly requester?: Requester;
  /** Whether tools register here by themselves. */
  readonly mayRegister?: boolean;
  /** The browser sent no cookie at all. */
  readonly withoutCookies?: boolean;
  /** Where waiting helps. */
  readonly again?: TryAgain | undefined;
  /** Back to the tool. */
  readonly wayOut?: WayOut | undefined;
}

/** What happened, for the person: rich reasons stay in the log. `description` is the provider's own, harmless sentence. */
export function presentError(facts: ErrorFacts, reference: string, { frame, words }: Shell): ErrorPage {
  const { again, requester, wayOut } = facts;
  const said = { ...wordsFor(facts, words), ...(requester && { requester }), ...wayOut };
  if (!again) return { ...frame, ...said, reference };
  const { href, seconds } = again;
  const steps = [words.say(href === undefined ? 'error.page-comes-back' : 'error.form-comes-back')];
  const goesOn = { ...(href !== undefined && { goesOnTo: href }), goesOnAfter: seconds, again: href ?? '' };
  return { ...frame, ...said, steps, reference, ...goesOn };
}

interface Shell {
  readonly frame: Frame;
  readonly words: Words;
}

function wordsFor(facts: ErrorFacts, words: Words): Shown {
  const { error, description } = facts;
  if (error === 'invalid_client') return unknownClient(facts, words);
  const kind = kindOf(facts);
  const said = kind === 'request' && description !== undefined;
  if (!said) return shown(kind, words);
  return { ...shown(kind, words), said: description };
}

function kindOf({ status, error, withoutCookies }: ErrorFacts): ErrorKind {
  if (error === FlowEnded.name) return withoutCookies ? 'cookies' : 'ended';
  if (error === 'form_outdated' && withoutCookies) return 'no-cookies';
  const known = status === 429 ? 'too-many' : (byError[error ?? ''] ?? byStatus[status]);
  return known ?? (status >= 500 ? 'server' : 'request');
}
