import { z } from 'zod';
import { slug } from './membership-rules.ts';
import { wholeNumber } from './schema.ts';

/** How people sign in to accounts that are kept here. */
export const signInSchema = z
  .strictObject(
    {
      failuresPerAccount: wholeNumber(1).prefault(10).meta({
        description: 'wrong passwords for one account before it must wait',
        note: 'each network from which somebody has signed in to it counts by itself',
      }),
      failuresPerAddress: wholeNumber(1).prefault(50).meta({
        description: 'wrong passwords from one network before it must wait',
        note: 'an IPv4 /24, an IPv6 /56; four times as many from an IPv6 /48',
      }),
      windowSeconds: wholeNumber(1).prefault(900).meta({ description: 'how long failures are counted, in seconds' }),
      passwordChangeEndsConnections: z
        .boolean('must be true or false')
        .prefault(true)
        .meta({ description: 'whether a new password ends the connections and sessions of its account' }),
      passwords: z.boolean('must be true or false').optional().meta({
        description: 'whether people may sign in with a password of an account here',
        fallback: '`true`, unless there are `identityProviders` or a console',
      }),
      secondFactor: z
        .enum(['off', 'optional', 'required'], 'must be off, optional or required')
        .prefault('optional')
        .meta({
          description:
            'whether an account here may have, or must have, more than a password: an authenticator app, a passkey',
          note: 'whoever has one is asked for it; `required`: whoever has none sets one up at the next sign-in. At a console and at `identityProviders` theirs counts',
        }),
      secondFactorFor: z.array(slug, 'must be a list of slugs').prefault([]).meta({
        description: 'organizations for which people of accounts here have to have signed in with a second factor',
        example: '["acme"]',
      }),
      tokenClaims: z
        .array(z.enum(['amr', 'acr', 'auth_time'], 'must be amr, acr or auth_time'), 'must be a list of claims')
        .prefault([])
        .meta({
          description: 'what an access token says about the sign-in with which its connection was approved',
          example: '["amr","acr"]',
          note: '`amr`, `acr`, `auth_time` (RFC 9068 §2.2.1)',
        }),
    },
    'must be an object',
  )
  .prefault({})
  .meta({
    description:
      'passwords: whether, how many wrong ones are taken, what a new one ends; second factors; and what tokens say',
  });
