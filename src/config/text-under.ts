import { z } from 'zod';

/** A text under a rule of ours: the rule returns the sentence for the operator, or nothing when all is well. */
export function textUnder(findMistake: (text: string) => string | undefined) {
  return z.string('must be a text').superRefine((text, context) => {
    const message = findMistake(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}
