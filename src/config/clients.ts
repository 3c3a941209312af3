import { z } from 'zod';
import shipped from '../../config/client-documents.json' with { type: 'json' };
import { findConfiguredClientIssues, findLogoError } from '../clients/index.ts';
import { isFilled, text, uniqueBy } from './schema.ts';

// Other members are RFC 7591 client metadata, and `clients` knows the rules for them.
// An empty list of redirect URIs is right for a gateway that only asks the introspection endpoint.
const clientSchema = z
  .looseObject(
    {
      client_id: z
        .string('must be a text')
        .refine(isFilled, 'must not be empty')
        .meta({ description: 'the client’s id', example: 'my-tool' }),
      redirect_uris: z.array(z.string('must be a URI'), 'must be a list of URIs').meta({
        description: 'where the browser may be sent back to',
        example: '["https://tool.example.com/callback"]',
        note: 'every other member of RFC 7591 §2 may stand beside; a `scope` limits nothing',
      }),
      logo: text(findLogoError).optional().meta({
        description: 'the picture that people see beside its name',
        example: 'my-tool.png',
        fallback: 'the first letter of its name',
        note: 'a PNG, JPEG, WebP or GIF of at most 256 kB: the name of a file beside this one, or a data URL',
      }),
    },
    'must be an object with client_id and redirect_uris',
  )
  .superRefine(checkClient, { when: ({ value }) => typeof value === 'object' && value !== null });

/** Of a client whose shape is wrong, too, so that all is told at once. */
function checkClient(client: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void {
  for (const { path, sentence } of findConfiguredClientIssues(client)) {
    context.addIssue({ code: 'custom', path: [...path], message: sentence });
  }
}

export const clientsSchema = z
  .array(clientSchema, 'must be a list of clients')
  .superRefine(uniqueBy('client_id'))
  .prefault([])
  .meta({ description: 'clients known beforehand' });

const trustedHosts = z
  .array(
    // A name only: whoever may put something below a domain would be known to everybody here.
    z.string('must be a host name').regex(/^([a-z0-9_-]+\.)+[a-z0-9-]*[a-z-][a-z0-9-]*$/, {
      error: 'must be the whole name of a host in lower case (punycode, no wildcard, no address, no port)',
    }),
    'must be a list of host names',
  )
  .prefault([]);

const hosts = z
  .array(
    z.string('must be a host name').regex(/^(\*\.)?([a-z0-9_-]+\.)*[a-z0-9-]*[a-z-][a-z0-9-]*$/, {
      error: 'must be a host name in lower case (punycode, no address, no port), or *. and a domain',
    }),
    'must be a list of host names',
  )
  .prefault([]);

// Other members are RFC 7591 client metadata: they are judged when the document is used.
const documentSchema = z.looseObject(
  {
    client_id: z
      .string('must be an https URL')
      .regex(/^https:\/\/[^\s#]+$/, 'must be an https URL')
      .meta({
        description: 'the URL at which the document is published',
        example: 'https://tool.example.com/client.json',
      }),
    client_name: z
      .string('must be a text')
      .min(1, 'must not be empty')
      .meta({ description: 'what people read beside its host', example: 'My tool' }),
    redirect_uris: z
      .array(z.string('must be a URI'), 'must be a list of URIs')
      .refine(isFilled, 'must hold at least one URI')
      .meta({
        description: 'where the browser may be sent back to',
        example: '["http://127.0.0.1/callback"]',
        note: 'every other member of the document may stand beside',
      }),
    looked_at: z.iso.date('must be a day, as in 2026-09-24').optional().meta({
      description: 'when the published one was looked at last, for `npm run clients`',
      example: '2026-09-24',
      fallback: 'never',
    }),
  },
  'must be a client id metadata document',
);

const pinnedSchema = z
  .array(documentSchema, 'must be a list of documents, or the name of a file that holds one')
  .superRefine(uniqueBy('client_id'))
  .prefault(shipped)
  .meta({
    description: 'documents that stand in where the published one cannot be fetched',
    fallback: 'those of `config/client-documents.json`',
    note: 'a list, or the name of a file beside this one that holds it; in place of the shipped ones',
  });

/** Client ID Metadata Documents: clients that are described at the URL that is their name. */
export const clientDocumentsSchema = z
  .strictObject(
    {
      enabled: z
        .boolean('must be true or false')
        .prefault(true)
        .meta({ description: 'clients may name themselves by the https URL of their metadata document' }),
      allow: hosts.meta({
        description: 'hosts whose clients are welcome, by name or as `*.example.com`',
        note: 'empty means all',
      }),
      deny: hosts.meta({ description: 'hosts whose clients are refused, whatever `allow` says' }),
      trusted: trustedHosts.meta({
        description: 'hosts whose clients are shown to people as known here, as those of `clients` are',
        example: '["claude.ai","vscode.dev"]',
        note: 'each by its whole name, no wildcards; `allow` and `deny` hold for them, too',
      }),
      pinned: pinnedSchema,
    },
    'must be an object',
  )
  .prefault({})
  .meta({ description: 'clients described by a document on the web' });
