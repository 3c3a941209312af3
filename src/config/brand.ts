import { z } from 'zod';
import { contrastWithWhite, minContrast } from './contrast.ts';

export const brandSchema = z
  .strictObject(
    {
      name: z.string('must be a text').trim().min(1, 'must not be empty').meta({
        description: 'the name at the top of every page',
        example: 'bkend',
      }),
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

function checkContrast(color: string, context: z.core.$RefinementCtx<string>): void {
  const contrast = contrastWithWhite(color);
  if (contrast >= minContrast) return;
  // Rounded down: 4.49 must not read as 4.5.
  const shown = Math.floor(contrast * 100) / 100;
  const message = `must be darker: white text on it has a contrast of ${shown}:1, and people need ${minContrast}:1`;
  context.addIssue({ code: 'custom', message });
}
