import { randomBytes } from 'node:crypto';
import type { Middleware } from 'koa';

/** Without letters and digits that people mix up when they read them out. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A number that stands on the error page and in the log line, so that the person and the operator speak of the same event.
 * Made when somebody asks for it: most requests have nothing to tell.
 */
export const assignReference: Middleware = function assignReference(ctx, next) {
  let reference: string | undefined;
  Object.defineProperty(ctx.state, 'reference', {
    enumerable: true,
    get() {
      reference ??= createReference();
      return reference;
    },
  });
  return next();
};

function createReference() {
  // Some come a little more often than others: they have to differ, not to be secret.
  return Array.from(randomBytes(8), (byte) => alphabet[byte % alphabet.length]).join('');
}
