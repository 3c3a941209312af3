import { z } from 'zod';
import { brandSchema } from './brand.ts';
import { isSafeLink } from './canonical-url.ts';
import { clientDocumentsSchema } from './client-documents.ts';
import type { Policy } from './config.ts';
import { lifetimesSchema } from './lifetimes.ts';
import { refuseRepeated, resourcesSchema } from './resource-catalogue.ts';

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

const signInSchema = z
  .strictObject(
    {
      failuresPerAccount: count()
        .prefault(10)
        .meta({ description: 'wrong passwords for one account before it must wait' }),
      failuresPerAddress: count()
        .prefault(50)
        .meta({ description: 'wrong passwords from one address before it must wait' }),
      windowSeconds: count().prefault(900).meta({ description: 'how long failures are counted, in seconds' }),
      passwordChangeEndsConnections: z
        .boolean('must be true or false')
        .prefault(true)
        .meta({ description: 'whether a new password ends the connections and sessions of its account' }),
    },
    'must be an object',
  )
  .prefault({})
  .meta({ description: 'how many wrong passwords are taken, and what a new one ends' });

// Other members are RFC 7591 client metadata: whoever composes this room brings the rule that judges them.
// An empty list of redirect URIs is right for a gateway that only asks the introspection endpoint.
const clientSchema = z.looseObject(
  {
    client_id: z
      .string('must be a text')
      .min(1, 'must not be empty')
      .meta({ description: 'the client’s id', example: 'my-tool' }),
    redirect_uris: z.array(z.string('must be a URI'), 'must be a list of URIs').meta({
      description: 'where the browser may be sent back to',
      example: '["https://tool.example.com/callback"]',
      note: 'every other member of RFC 7591 §2 may stand beside; a `scope` limits nothing',
    }),
  },
  'must be an object with client_id and redirect_uris',
);

const clientsSchema = z
  .array(clientSchema, 'must be a list of clients')
  .superRefine((clients, context) =>
    refuseRepeated(
      context,
      'client_id',
      clients.map((client) => client.client_id),
    ),
  )
  .prefault([])
  .meta({ description: 'clients known beforehand' });

/** Every member that `config/auth.json` may have; the table of the README and the error messages are made of it. */
export const policyFileSchema = z.strictObject(
  {
    brand: brandSchema,
    organizationsUrl: z
      .string('must be an https URL')
      .refine(isSafeLink, 'must be an absolute https URL (http on this machine only)')
      .meta({
        description: 'where a person without an organization gets one',
        example: 'https://console.example.com/organizations/new',
      }),
    resources: resourcesSchema,
    roles: rolesSchema,
    administrators: administratorsSchema,
    lifetimes: lifetimesSchema,
    refreshTokenReuse: z.enum(['revoke', 'refuse'], 'must be revoke or refuse').prefault('revoke').meta({
      description: 'what a refresh token brings that comes back after `lifetimes.refreshGrace`',
      note: '`revoke` ends the connection (RFC 9700 §4.14.2); `refuse` only refuses',
    }),
    signIn: signInSchema,
    clients: clientsSchema,
    clientDocuments: clientDocumentsSchema,
  },
  'must be a JSON object',
);

export type PolicyFile = z.output<typeof policyFileSchema>;

/** Absent members become `undefined` ones, as `Policy` promises them. */
export function toPolicy(file: PolicyFile): Policy {
  return {
    ...file,
    resources: file.resources.map((resource) => ({ ...resource, uri: resource.uri })),
    lifetimes: { ...file.lifetimes, connection: file.lifetimes.connection },
  };
}

function count() {
  const sentence = 'must be a whole number, 1 or more';
  return z.int({ error: sentence, abort: true }).min(1, sentence);
}
