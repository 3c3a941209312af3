import { z } from 'zod';
import { isSafeLink } from './canonical-url.ts';
import { clientDocumentsSchema, clientsSchema } from './clients.ts';
import { contrastWithWhite, minContrast } from './contrast.ts';
import { canCompare, checkAcrossSections } from './cross-checks.ts';
import { directorySchema } from './directory.ts';
import { identityProvidersSchema } from './identity-providers.ts';
import { languagesSchema, messagesSchema } from './languages.ts';
import { lifetimesSchema } from './lifetimes.ts';
import { limitsSchema } from './limits.ts';
import { resourcesSchema } from './resources.ts';
import { words } from './schema.ts';
import { signInSchema } from './sign-in.ts';

const brandSchema = z
  .strictObject(
    {
      name: words().meta({ description: 'the name at the top of every page', example: 'bkend' }),
      accentColor: z
        .string('must be a colour such as #2f5d8a')
        .regex(/^#[0-9a-f]{6}$/i, { error: 'must be a colour such as #2f5d8a', abort: true })
        .superRefine(checkContrast)
        .meta({
          description: 'colour of buttons and links',
          example: '#2f5d8a',
          note: '`#rrggbb`, dark enough for white text on it (4.5:1)',
        }),
    },
    'must be an object',
  )
  .meta({ description: 'how the pages present themselves' });

function checkContrast(color: string, context: z.core.$RefinementCtx): void {
  const contrast = contrastWithWhite(color);
  if (contrast >= minContrast) return;
  // Rounded down: 4.49 must not read as 4.5.
  const shown = Math.floor(contrast * 100) / 100;
  context.addIssue(`must be darker: white text on it has a contrast of ${shown}:1, and people need ${minContrast}:1`);
}

const patterns = z.array(z.string('must be a scope or a wildcard'), 'must be a list of scopes or wildcards');

const roleSchema = z.strictObject(
  {
    allow: patterns.meta({
      description: 'what a member with this role may permit',
      example: '["*:*"]',
      note: 'scopes, or the wildcards `*:*`, `subject:*`, `*:action`',
    }),
    except: patterns
      .prefault([])
      .meta({ description: 'what is taken out of `allow` again', note: 'scopes or wildcards' }),
  },
  'must be an object with allow',
);

const rolesSchema = z
  .record(z.string(), roleSchema, 'must be an object with one member for each role')
  .refine((roles) => Object.keys(roles).length > 0, 'must hold at least one role')
  .meta({ description: 'what a member of an organization may permit, by role' });

const administratorsSchema = z
  .array(z.string('must be the name of a role'), 'must be a list of roles')
  .prefault(['owner', 'admin'])
  .meta({ description: 'roles that see and end all connections of their organization' });

/** Every member that `config/auth.json` may have; the table of the README and the error messages are made of it. */
export const policyFileSchema = z
  .strictObject(
    {
      brand: brandSchema,
      languages: languagesSchema,
      messages: messagesSchema,
      organizationsUrl: z
        .string('must be an https URL')
        .refine(isSafeLink, 'must be an absolute https URL (http on this machine only)')
        .meta({
          description: 'where a person without an organization gets one',
          example: 'https://console.example.com/organizations/new',
          note: 'a `console` is told the way back to the tool that waits, as `return_to`',
        }),
      directory: directorySchema,
      identityProviders: identityProvidersSchema,
      resources: resourcesSchema,
      roles: rolesSchema,
      administrators: administratorsSchema,
      lifetimes: lifetimesSchema,
      refreshTokenReuse: z.enum(['revoke', 'refuse'], 'must be revoke or refuse').prefault('revoke').meta({
        description: 'what happens when a used refresh token is presented again after `lifetimes.refreshGrace`',
        note: '`revoke` ends the connection (RFC 9700 §4.14.2); `refuse` only refuses',
      }),
      alternatingRenewals: z.enum(['report', 'revoke'], 'must be report or revoke').prefault('report').meta({
        description:
          'what happens when two networks or programs renew one connection in turns, within four lifetimes of an access token',
        note: '`report` is a warning in the log; `revoke` ends the connection as well: not where tools renew from changing addresses',
      }),
      registration: z.enum(['open', 'closed'], 'must be open or closed').prefault('open').meta({
        description: 'whether clients may register themselves (RFC 7591)',
        note: '`closed`: only `clients` and `clientDocuments`; those that registered before go on',
      }),
      signIn: signInSchema,
      limits: limitsSchema,
      clients: clientsSchema,
      clientDocuments: clientDocumentsSchema,
    },
    'must be a JSON object',
  )
  .superRefine(checkAcrossSections, { when: canCompare });

export type PolicyFile = z.output<typeof policyFileSchema>;
