import { randomBytes, randomUUID } from 'node:crypto';
import { type Check, type Line, runChecks } from './conformance-report.ts';
import { type Answered, type Heard, type ListeningServer, listenAsServer } from './listening-server.ts';
import { type EventType, eventsSchema } from './schemas.ts';
import { signInUrl } from './sign-in-url.ts';
import { validate } from './validation.ts';

/** A console in a test of its makers, for which the suite takes the place of the authorization server. */
export interface HandOffUnderTest {
  /** Where the suite listens, as the console is configured: its authorization server. `http` on this machine. */
  readonly issuer: string;
  /** The client that the console is there. */
  readonly client: { readonly id: string; readonly secret: string };
  /** The page of the console where people sign in. */
  readonly signIn: string;
  /**
   * Opens this address in a browser in which somebody is signed in at the console, and does nothing there. Resolves to where
   * the browser is sent away; to nothing when it rests on a page of the console.
   */
  readonly visit: (url: string) => Promise<string | undefined>;
  /** Removes a member from an organization; without it, events are not looked at. */
  readonly removeMember?: (() => Promise<unknown>) | undefined;
  /** How long it may take to tell that, and to tell it again; ten seconds unless told. */
  readonly patienceMs?: number | undefined;
}

type Checks = [line: string, promise: string, check: Check][];

/** No identity of this name is anywhere. */
const unknownWay = 'urn:example:nobody-signs-in-so';
const elsewhere = 'https://attacker.example/return?ticket=x';

/** What only a console shows that signs somebody in: where it sends people, what it makes of what a tool asks, what it tells. */
export async function checkHandOff(console: HandOffUnderTest): Promise<Line[]> {
  const server = await listenAsServer(console);
  try {
    return await runChecks([...answerChecks(console, server), ...eventChecks(console, server)]);
  } finally {
    await server.close();
  }
}

function answerChecks({ signIn, visit, issuer }: HandOffUnderTest, server: ListeningServer): Checks {
  /** Somebody comes with a challenge: where the browser is sent, and what the console has answered. */
  async function comes(hints: Parameters<typeof signInUrl>[2] = {}, redirectTo?: string) {
    const challenge = randomBytes(32).toString('base64url');
    const back = redirectTo ?? `${issuer}/oauth/interaction/${randomUUID()}/return?ticket=x`;
    server.expect(challenge, back, hints);
    const leftFor = await visit(signInUrl(signIn, challenge, hints));
    return { leftFor, back, answered: server.answered(challenge) };
  }

  let signedInAt = 0;

  /** Whoever is signed in since before is asked again: a page, or an answer that is newer. */
  const asksAgain = (hints: Parameters<typeof signInUrl>[2]) => async () => {
    const { answered } = await comes(hints);
    const at = answered?.body?.auth_time;
    return at === undefined || at > signedInAt ? undefined : 'it answered with the sign-in of before';
  };

  return [
    [
      'hand-off.answer',
      'whoever is signed in is back at once, and the answer is one that we take',
      async () => {
        const { leftFor, back, answered } = await comes();
        if (!answered) return 'it answered nothing';
        signedInAt = answered.body?.auth_time ?? 0;
        return faultOf(answered) ?? (leftFor === back ? undefined : `it leads to ${leftFor ?? 'a page of its own'}`);
      },
    ],
    [
      'hand-off.redirect',
      'a redirect_to of another origin is not followed',
      async () => {
        const { leftFor } = await comes({}, elsewhere);
        return leftFor === undefined || URL.parse(leftFor)?.origin !== new URL(elsewhere).origin
          ? undefined
          : 'it is, wherever that leads';
      },
    ],
    [
      'hand-off.prompt',
      'prompt=login asks for the password again in spite of a session',
      asksAgain({ prompt: 'login' }),
    ],
    ['hand-off.max-age', 'a session that is older than max_age is not enough', asksAgain({ maxAge: 0 })],
    [
      'hand-off.acr-values',
      'an acr that nobody has shown is not said',
      async () => {
        const { answered } = await comes({ acrValues: [unknownWay] });
        return answered?.body?.acr === unknownWay ? 'it says whatever it is asked for' : undefined;
      },
    ],
  ];
}

/** One after the other: the first is refused, so that the same has to come again. */
function eventChecks({ removeMember, patienceMs = 10_000 }: HandOffUnderTest, server: ListeningServer): Checks {
  if (!removeMember) return [];
  const type: EventType = 'membership.ended';
  let heard: readonly Heard[] = [];
  const eventOf = ({ body }: Heard) => [body].flat()[0] as { id?: string; type?: string } | undefined;
  return [
    [
      'events.told',
      'who is removed is told with our credential, in the form that the document describes',
      async () => {
        // Its page may wait until that was heard; the list goes on growing meanwhile.
        [heard] = await Promise.all([server.hears(2, patienceMs), removeMember()]);
        const [first] = heard;
        if (!first) return 'nothing was told';
        if (!first.isOurs) return 'the credential is missing or wrong';
        const events = validate(eventsSchema, first.body);
        if (!events.ok) return events.errors.map(({ path, sentence }) => `${path} ${sentence}`).join('; ');
        return eventOf(first)?.type === type ? undefined : `it told ${eventOf(first)?.type}`;
      },
    ],
    [
      'events.repeated',
      'what was not answered with 200 is told again, with the same id',
      async () => {
        const [first, again] = heard;
        if (!first || !again) return 'it was told once only';
        return eventOf(first)?.id === eventOf(again)?.id ? undefined : 'the id is another one';
      },
    ],
  ];
}

function faultOf({ isOurs, isJson, errors }: Answered): string | undefined {
  if (!isOurs) return 'the credential is missing or wrong';
  if (!isJson) return 'the content type is not application/json';
  return errors.length === 0 ? undefined : errors.map(({ path, sentence }) => `${path} ${sentence}`).join('; ');
}
