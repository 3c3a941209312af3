import { z } from 'zod';

/** How much anybody may do; 0 where a limit may be none. */
export const limitsSchema = z
  .strictObject(
    {
      renewalsPerHour: count(0).prefault(240).meta({
        description: 'how often one connection may be renewed within an hour',
        note: '`0` without limit; beyond it 429 with `Retry-After`. Of repeats within `refreshGrace` 32 count as one',
      }),
    },
    'must be an object',
  )
  .prefault({})
  .meta({ description: 'how much is taken from one connection, client or network' });

function count(least: number) {
  const sentence = `must be a whole number, ${least} or more`;
  return z.int({ error: sentence, abort: true }).min(least, { error: sentence, abort: true });
}
