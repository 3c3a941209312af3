import type { Frame } from '../http/index.ts';
import type { ErrorPage } from './pages.ts';
import { findReset } from './registration-reset.ts';
import type { TryAgain } from './try-again.ts';

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

type Words = Pick<ErrorPage, 'heading' | 'explanation' | 'steps'>;

const startAgain = ['Go back to your tool and connect again.', 'You can close this window.'];

const flowEnded: Words = {
  heading: 'This sign-in has ended',
  explanation: 'It was finished already, took too long, or you signed in with another account meanwhile.',
  steps: [
    'If your tool says that it is connected, you can close this window.',
    'If not, connect again from your tool.',
  ],
};

/** Not of a flow that is over: whoever comes without any cookie has none, or came with another browser. */
const cookiesBlocked: Words = {
  heading: 'This sign-in has ended before it began',
  explanation:
    'Your browser brought no cookie, and without one we do not know you again from one step to the next. It blocks cookies, or it is not the browser in which your tool began.',
  steps: [
    'Allow cookies for this site; a private window or an extension may keep them away.',
    'Go back to your tool and connect again, in this browser.',
  ],
};

const pageComesBack = 'Wait a moment: this page tries again by itself.';
const formComesBack =
  'Wait a moment: what you sent was not done, and the page before comes back by itself. Send it once more then.';

const unavailable: Words = {
  heading: 'We cannot go on right now',
  explanation:
    'Something we need does not answer: our storage, the place that has your account, or the page that describes your tool. That is usually over in a moment, and nothing of yours is lost.',
  steps: ['Wait a few seconds and reload this page.'],
};

const tooMany: Words = {
  heading: 'One moment, please',
  explanation: 'Many requests came from your network at once, and some of them were never finished.',
  steps: ['Wait a minute and reload this page.'],
};

function unknownClient({ clientId = '', redirectUri }: ErrorFacts): Words {
  const document = URL.parse(clientId);
  if (document?.host) return unusableDocument(document);
  const { tool, steps } = findReset(redirectUri);
  return {
    heading: 'We do not know this tool any more',
    explanation: `${tool} uses a registration that this server does not have. It has to register again.`,
    steps,
  };
}

/** Registering again helps nobody here: the id is the address of a description. */
function unusableDocument({ host }: URL): Words {
  return {
    heading: 'We cannot use what describes this tool',
    explanation: `Your tool says that ${host} describes it. What is there cannot be used, or this server does not accept it.`,
    steps: ['Connect again later.', 'If it happens again, tell the maker of your tool, with the reference below.'],
  };
}

const wrongDestination: Words = {
  heading: 'We stopped this request',
  explanation: 'It asks us to send your answer to an address that the tool never registered. That can be an attack.',
  steps: ['Do not go on with this link.', 'If it is your own tool, remove the server from it and add it again.'],
};

const forbidden: Words = {
  heading: 'We stopped this request',
  explanation: 'The form does not belong to this window. Another page may have sent it in your name.',
  steps: startAgain,
};

const notFound: Words = {
  heading: 'There is nothing here',
  explanation: 'The address is mistyped, or the page has gone.',
  steps: [],
};

const outdated: Words = {
  heading: 'This page is out of date',
  explanation:
    'You signed in again since it was opened, or another page sent the form in your name. Nothing was changed.',
  steps: ['Open your connections again and repeat what you wanted to do.'],
};

const unknownRole: Words = {
  heading: 'Your role is not set up here',
  explanation:
    'Your organization gave you a role that this server does not know, so it cannot tell what you may permit. That is neither your mistake nor your tool’s: whoever runs this server has to add the role.',
  steps: [
    'Tell whoever runs this server, with the reference below.',
    'If you have another organization, go back and choose that one.',
  ],
};

const byError: Record<string, Words> = {
  unknown_role: unknownRole,
  form_outdated: outdated,
  invalid_redirect_uri: wrongDestination,
  temporarily_unavailable: unavailable,
};

const byStatus: Record<number, Words> = { 403: forbidden, 404: notFound, 405: notFound, 503: unavailable };

export interface ErrorFacts {
  readonly status: number;
  /** The OAuth error code, or the name of an error of ours. */
  readonly error?: string | undefined;
  readonly description?: string | undefined;
  /** Of the authorization request, as they were sent. */
  readonly clientId?: string | undefined;
  readonly redirectUri?: string | undefined;
  /** The browser sent no cookie at all. */
  readonly withoutCookies?: boolean;
  /** Where waiting helps. */
  readonly again?: TryAgain | undefined;
}

/** What happened, for the person: rich reasons stay in the log. `description` is the provider's own, harmless sentence. */
export function presentError(facts: ErrorFacts, reference: string, frame: Frame): ErrorPage {
  const { again } = facts;
  const words = wordsFor(facts);
  if (!again) return { ...frame, ...words, reference };
  const { href, seconds } = again;
  const steps = [href === undefined ? pageComesBack : formComesBack];
  const goesOn = { ...(href !== undefined && { goesOnTo: href }), goesOnAfter: seconds, again: href ?? '' };
  return { ...frame, ...words, steps, reference, ...goesOn };
}

function wordsFor(facts: ErrorFacts): Words {
  const { status, error, description } = facts;
  if (error === 'invalid_client') return unknownClient(facts);
  const ended = facts.withoutCookies ? cookiesBlocked : flowEnded;
  const byCode = status === 429 ? tooMany : byError[error ?? ''];
  const known = error === FlowEnded.name ? ended : (byCode ?? byStatus[status]);
  if (known) return known;
  if (status >= 500)
    return { heading: 'Something went wrong here', explanation: 'This is on our side.', steps: startAgain };
  const said = description ? ` It said: ${description}.` : '';
  return {
    heading: 'Your tool sent a request we cannot accept',
    explanation: `This is not your mistake.${said}`,
    steps: ['Connect again from your tool.', 'If it happens again, tell its maker, with the reference below.'],
  };
}
