import { z } from 'zod';

/**
 * What passes between a console and this server, both ways. `config/console-openapi.json` is made of these schemas, and a
 * test holds it to them. What a console sends to us is closed: a misspelt member is named, not ignored. What it answers to
 * our questions is open: it may say more than we ask for.
 */

/** An identifier of the console: becomes `sub` (OIDC Core §2: at most 255 ASCII characters) and part of a path, so neither `.` nor `..`. */
const identifier = z
  .string('must be a text')
  .regex(/^(?!\.{1,2}$)[!-~]{1,255}$/, 'must be 1 to 255 visible ASCII characters, and neither "." nor ".."');

/** Something for people to read, on one line. */
function text(maxLength: number) {
  return z
    .string('must be a text')
    .max(maxLength, `must be at most ${maxLength} characters long`)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters');
}

/** RFC 7519 §2, NumericDate. The limit refuses milliseconds, the error that everybody makes once. */
const epochSeconds = z
  .int('must be a whole number of seconds since the epoch')
  .min(1, 'must be a whole number of seconds since the epoch')
  .max(99_999_999_999, 'must be seconds since the epoch, not milliseconds');

export const acceptSchema = z.strictObject(
  {
    account: z.strictObject(
      {
        id: identifier,
        email: text(320).optional(),
        email_verified: z.boolean('must be true or false').optional(),
        name: text(500).optional(),
        locale: text(35).optional(),
      },
      'must be an object',
    ),
    auth_time: epochSeconds,
    amr: z.array(text(64), 'must be a list of texts').max(20, 'must have at most 20 members').optional(),
    acr: text(255).optional(),
    session_id: text(255).optional(),
    organization: identifier.optional(),
  },
  'must be an object',
);

export const rejectSchema = z.strictObject(
  {
    error: z.literal('access_denied', 'must be access_denied'),
    message: text(1000).optional(),
  },
  'must be an object',
);

/** Who asks to sign somebody in, and for what. Nothing about a person: whoever holds the challenge may read it. */
export const challengeSchema = z.strictObject({
  client: z.strictObject({
    name: z.string(),
    /** Where the client says it is from; absent when it did not say. */
    host: z.string().optional(),
    /** Whether that host was proven, by a document there or by the operator. */
    verified: z.boolean(),
  }),
  redirect_host: z.string(),
  resource: z.string(),
  scopes: z.array(z.string()),
  organization: z.string().optional(),
  prompt: z.enum(['login', 'select_account']).optional(),
  max_age: z.int().min(0).optional(),
  /** One of them is wanted as `acr` of the answer. */
  acr_values: z.array(z.string()).optional(),
  ui_locales: z.array(z.string()),
  expires_at: z.int(),
});

export const redirectSchema = z.strictObject({ redirect_to: z.string(), expires_in: z.literal(60) });

const eventTypes = [
  'membership.ended',
  'role.changed',
  'account.disabled',
  'account.signed_out',
  'account.deleted',
  'organization.deleted',
] as const;
export type EventType = (typeof eventTypes)[number];

const aboutAccounts = eventTypes.filter((type) => type !== 'organization.deleted');
const aboutOrganizations: EventType[] = ['membership.ended', 'role.changed', 'organization.deleted'];

/** One shape for all, so that a console sends rows of one table; `null` is absent. */
const eventSchema = z
  .strictObject(
    {
      id: identifier,
      type: z.enum(eventTypes, `must be one of ${eventTypes.join(', ')}`),
      account: identifier.nullish(),
      organization: identifier.nullish(),
      at: epochSeconds,
    },
    'must be an object',
  )
  .refine(...names('account', aboutAccounts))
  .refine(...names('organization', aboutOrganizations))
  .meta({ allOf: [requires('account', aboutAccounts), requires('organization', aboutOrganizations)] });

/** Said even when something else is wrong with the event: every error at once. */
function names(member: 'account' | 'organization', types: readonly EventType[]) {
  const isNamed = (event: { type?: EventType; account?: unknown; organization?: unknown }) =>
    !types.includes(event.type as EventType) || (event[member] ?? undefined) !== undefined;
  const when = ({ value }: { value: unknown }) => typeof value === 'object' && value !== null;
  const rule = { path: [member as PropertyKey], error: 'is missing: this type of event is about one', when };
  return [isNamed, rule] as const;
}

function requires(member: 'account' | 'organization', types: readonly EventType[]) {
  return {
    if: { properties: { type: { enum: [...types] } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { required: [member], properties: { [member]: { type: 'string' } } },
  };
}

export const maxEvents = 1000;
export const eventsSchema = z.array(eventSchema, 'must be a list of events').max(maxEvents);
export const acceptedEventsSchema = z.strictObject({ accepted: z.int() });

export const directoryAccountSchema = z.object({
  id: identifier,
  email: text(320),
  name: text(500),
  disabled: z.boolean().optional(),
});

export const directoryMembershipSchema = z.object({
  organization: z.object({ id: identifier, slug: identifier, name: text(500) }),
  role: identifier,
});

export const directoryMembershipsSchema = z.array(directoryMembershipSchema).max(10_000);

/** How every refusal of ours looks; `errors` names each member that is wrong. */
export const refusalSchema = z.strictObject({
  error: z.string(),
  error_description: z.string(),
  errors: z.array(z.strictObject({ path: z.string(), sentence: z.string() })).optional(),
});

export type AcceptBody = z.output<typeof acceptSchema>;
export type RejectBody = z.output<typeof rejectSchema>;
export type ChallengeDescription = z.output<typeof challengeSchema>;
export type DirectoryEvent = z.output<typeof eventSchema>;
