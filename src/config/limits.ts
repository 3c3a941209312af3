import { z } from 'zod';
import { isAddressOrNetwork } from './addresses.ts';
import { wholeNumber } from './schema.ts';

const networks =
  'an IPv4 /24, an IPv6 /56, four times as many from a /48; each connection that is made from there adds three for at least 30 days; `0` without limit';

/** How much anybody may do; 0 where a limit may be none. */
export const limitsSchema = z
  .strictObject(
    {
      renewalsPerHour: wholeNumber(0).prefault(240).meta({
        description: 'how often one connection may be renewed within an hour',
        note: '`0` without limit; beyond it 429 with `Retry-After`. Of repeats within `refreshGrace` 32 count as one',
      }),
      registrationsPerMinute: wholeNumber(0).prefault(9).meta({
        description: 'registrations from one network within a minute',
        note: networks,
      }),
      authorizationsPerMinute: wholeNumber(0).prefault(9).meta({
        description:
          'authorization requests for one client, and for all that nobody has used before together, from one network within a minute, where nobody is signed in',
        note: networks,
      }),
      tokenFailuresPerMinute: wholeNumber(0)
        .prefault(9)
        .meta({
          description:
            'token, revocation and introspection requests of one client from one network that fail within a minute',
          note: `wrong client secrets are counted separately: the same one counts once in a network from which the client was connected before, and all networks together may try ten times as many; ${networks}`,
        }),
      unusedRegistrations: wholeNumber(0).prefault(10_000).meta({
        description: 'registrations that are kept though nobody has signed in for them; beyond it the oldest goes',
        note: '`0` without limit',
      }),
      unusedDocuments: wholeNumber(0).prefault(1000).meta({
        description:
          'documents of clients that are kept though nobody has approved their client; beyond it the oldest goes',
        note: '`0` without limit',
      }),
      unfinishedSignIns: wholeNumber(0).prefault(50_000).meta({
        description:
          'sign-ins that are kept though nobody has finished them, one larger than 2 kB counting as several; beyond it the oldest goes',
        note: '`0` without limit',
      }),
      requestsAtOnce: wholeNumber(0).prefault(1000).meta({
        description:
          'requests that one process answers at once; beyond it 503 with `Retry-After`, and pages that reload themselves',
        note: '`0` without limit',
      }),
      waitingPasswords: wholeNumber(0).prefault(100).meta({
        description:
          'passwords that wait to be looked at in one process; beyond it people are asked to try again in a moment',
      }),
      hostedClients: z
        .array(z.string('must be a host').regex(/^[a-z0-9.-]+$/, 'must be a host'), 'must be a list of hosts')
        .prefault(['claude.ai', 'claude.com', 'chatgpt.com'])
        .meta({
          description: 'redirect hosts of clients that are hosted: many people come from their few addresses',
          example: '["claude.ai"]',
        }),
      hostedNetworks: z
        .array(
          z.string('must be an address or a network').refine(isAddressOrNetwork, 'must be an address or a network'),
          'must be a list of addresses and networks',
        )
        // Outbound addresses of Claude (platform.claude.com/docs, IP addresses).
        .prefault(['160.79.104.0/21', '153.61.208.0/20'])
        .meta({
          description: 'addresses of hosted clients',
          example: '["160.79.104.0/21"]',
          note: 'a network from which one of `hostedClients` was connected within the last 30 days counts as one by itself',
        }),
      hostedPerMinute: wholeNumber(0).prefault(6000).meta({
        description:
          'the same registrations and authorization requests for a hosted client, and what fails in a network of one; guesses at one secret stay as few as elsewhere',
      }),
    },
    'must be an object',
  )
  .prefault({})
  .meta({ description: 'how much is taken from one connection, client or network' });
