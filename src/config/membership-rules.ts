import { z } from 'zod';
import { text } from './schema.ts';

// As the directory has it (`directory/organizations.ts`).
const slugForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const slug = z
  .string('must be the slug of an organization')
  .regex(slugForm, 'must be a slug: 1 to 63 of a-z, 0-9, and hyphens between them');

/** As browsers and mail servers write it. */
export const domain = z
  .string('must be a domain')
  .regex(/^(?=.{1,253}$)([a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/, {
    error: 'must be a domain such as example.com, in lower case (punycode, no @, no wildcard)',
  });

const filled = (what: string) => text((value) => (value === '' ? `must be ${what}` : undefined));

const shape = {
  claim: filled('the name of a claim').optional().meta({
    description: 'a claim that decides',
    example: 'groups',
    note: 'a text, a list of texts or true; with dots one inside another (`realm_access.roles`)',
    fallback: '–',
  }),
  value: filled('a value of the claim').optional().meta({
    description: 'the value that it must have, or hold',
    example: 'mcp-admins',
    note: '`{organization}` and `{role}` stand for a slug and a role that the value itself names, as in `mcp:{organization}:{role}`',
    fallback: 'required with `claim`',
  }),
  emailDomain: domain.optional().meta({
    description: 'instead of a claim: the domain of the person’s verified email',
    example: 'example.com',
    fallback: '–',
  }),
  organization: slug.optional().meta({
    description: 'the organization of which such a person is a member, by its slug',
    example: 'acme',
    note: 'made when the first of them signs in',
    fallback: 'required, unless the value names it',
  }),
  organizationName: filled('a name').optional().meta({
    description: 'how it is called when it is made',
    example: 'Acme Corp',
    fallback: 'its slug',
  }),
  role: filled('the name of a role').optional().meta({
    description: 'in which role',
    example: 'member',
    note: 'one of `roles`',
    fallback: 'required, unless the value names it',
  }),
};

type Rule = z.output<z.ZodObject<typeof shape>>;

export const membershipRulesSchema = z.array(
  z.strictObject(shape, 'must be an object').superRefine(checkRule, { when: isObject }),
  'must be a list of rules',
);

function isObject({ value }: z.core.ParsePayload): boolean {
  return typeof value === 'object' && value !== null;
}

function checkRule(rule: Rule, context: z.core.$RefinementCtx): void {
  for (const [path, message] of findIssues(rule)) context.addIssue({ code: 'custom', path: [path], message });
}

function* findIssues({ claim, value, emailDomain, organization, role }: Rule): Generator<[string, string]> {
  if (claim === undefined && emailDomain === undefined) yield ['claim', 'is missing: a claim decides, or emailDomain'];
  if (claim !== undefined && emailDomain !== undefined)
    yield ['emailDomain', 'stands beside claim: one of them decides'];
  if (claim !== undefined && value === undefined) yield ['value', 'is missing: the value that the claim must have'];
  if (claim === undefined && value !== undefined) yield ['value', 'needs a claim'];
  yield* findNamed('organization', organization, value);
  yield* findNamed('role', role, value);
}

/** Said by the rule or by the value, and by one of them only. */
function* findNamed(name: 'organization' | 'role', said: unknown, value = ''): Generator<[string, string]> {
  const places = String(value).split(`{${name}}`).length - 1;
  if (places === 0 && said === undefined) yield [name, `is missing, and the value does not name it by {${name}}`];
  if (places > 0 && said !== undefined) yield [name, `is named by {${name}} in the value already`];
  if (places > 1) yield ['value', `holds {${name}} more than once`];
}
