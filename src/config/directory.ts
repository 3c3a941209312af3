import { z } from 'zod';
import type { Text } from '../messages/index.ts';
import { findUrlIssue, isSafeLink } from './canonical-url.ts';
import { texts } from './languages.ts';
import { acrValues, missingSentence, text } from './schema.ts';

const clientId = z.string('must be the id of a client').min(1, 'must not be empty');

function seconds() {
  const sentence = 'must be a whole number of seconds, 1 to 86400';
  return z.int({ error: sentence, abort: true }).min(1, sentence).max(86_400, sentence);
}

const shape = {
  kind: z
    .enum(['local', 'console'], 'must be local or console')
    .prefault('local')
    .meta({ description: '`local`: accounts that the operator makes; `console`: accounts of a console of yours' }),
  signIn: z
    .string('must be an https URL')
    .refine(
      (url) => isSafeLink(url) && !url.includes('#'),
      'must be an absolute https URL (http on this machine only), without a fragment',
    )
    .optional()
    .meta({
      description: 'the page of the console where people sign in',
      example: 'https://console.example.com/mcp/sign-in',
      fallback: 'required for `console`',
    }),
  signOut: z
    .string('must be an https URL')
    .refine(isSafeLink, 'must be an absolute https URL (http on this machine only)')
    .optional()
    .meta({
      description: 'the page of the console where people sign out; who signs out here is led on to it',
      example: 'https://console.example.com/sign-out',
      fallback: 'signing out here ends nothing at the console',
    }),
  url: text((url) => findUrlIssue(url) ?? (url.endsWith('/') ? 'must not end with a slash' : undefined))
    .optional()
    .meta({
      description: 'where the console answers who people are and what they are members of',
      example: 'https://api.example.com/internal/directory',
      fallback: 'required for `console`',
    }),
  client: z
    .union(
      [clientId, z.array(clientId).min(1)],
      'must be the id of a client, or a list of them while its credential changes',
    )
    .optional()
    .meta({
      description: 'the client that the console is when it calls',
      example: 'example-console',
      note: 'one of `clients`, with a `client_secret`, `jwks` or `jwks_uri`; a list while its credential changes',
      fallback: 'required for `console`',
    }),
  button: texts().optional().meta({
    description: 'what stands on its button, where there are several ways in',
    example: 'Continue with your Example account',
    fallback: '`Continue with` and the host of `signIn`',
  }),
  acrValues: acrValues().meta({
    description: 'what the console says of how somebody signed in (`acr`), for `acr_values_supported` of our metadata',
    example: '["urn:example:mfa"]',
    note: 'whatever a tool asks for (`acr_values`) is handed on',
    fallback: '`[]`',
  }),
  unavailable: z
    .union(
      [z.literal('wait'), z.strictObject({ believeFor: seconds() })],
      'must be "wait", or { "believeFor": … } with 1 to 86400 seconds',
    )
    .prefault('wait')
    .meta({
      description: 'what holds while the console is away',
      note: '`wait`: renewals are answered with 503; `{ "believeFor": 900 }`: its last answer counts for so many seconds',
    }),
};

const notForLocal = 'is for a directory of the kind console';
const ofConsole = ['signIn', 'url', 'client'] as const;

/** Where accounts, organizations and roles are kept. */
export const directorySchema = z
  .strictObject(shape, 'must be an object')
  .superRefine(checkKind)
  .prefault({})
  .meta({ description: 'where accounts, organizations and roles are kept' });

type Directory = z.output<z.ZodObject<typeof shape>>;

function checkKind(directory: Directory, context: z.core.$RefinementCtx): void {
  for (const name of ['button', 'acrValues', 'signOut'] as const)
    if (directory.kind === 'local' && directory[name] !== undefined)
      context.addIssue({ code: 'custom', path: [name], message: notForLocal });
  for (const name of ofConsole) {
    const isThere = directory[name] !== undefined;
    if (isThere === (directory.kind === 'console')) continue;
    const message = isThere ? notForLocal : missingSentence(shape[name]);
    context.addIssue({ code: 'custom', path: [name], message });
  }
}

/** What is known of a console, where accounts are in one. */
interface ConsolePolicy {
  readonly signIn: string;
  readonly signOut?: string | undefined;
  readonly button?: Text | undefined;
  readonly url: string;
  /** Several while its credential changes. */
  readonly clients: readonly string[];
  readonly unavailable: 'wait' | { readonly believeFor: number };
}

interface DirectoryPolicy {
  readonly kind: Directory['kind'];
  readonly signIn?: string | undefined;
  readonly signOut?: string | undefined;
  readonly url?: string | undefined;
  readonly client?: string | readonly string[] | undefined;
  readonly button?: Text | undefined;
  readonly unavailable: ConsolePolicy['unavailable'];
}

export function consolePolicy(directory: DirectoryPolicy): ConsolePolicy | undefined {
  const { kind, signIn, signOut, url, client, button, unavailable } = directory;
  if (kind !== 'console' || signIn === undefined || url === undefined || client === undefined) return undefined;
  return { signIn, signOut, url, clients: [client].flat(), unavailable, button };
}
