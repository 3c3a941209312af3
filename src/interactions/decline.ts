import type { FlowParts } from './parts.ts';
import { leave, readStepForm, type Step } from './step.ts';

/** The tool learns that the person said no (RFC 6749 §4.1.2.1), on whichever page they said it. */
export async function submitDecline(step: Step, parts: FlowParts): Promise<void> {
  await readStepForm(step, parts);
  const { ctx } = step;
  const result = { error: 'access_denied', error_description: 'the person declined the request' };
  leave(step, await parts.provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false }));
}
