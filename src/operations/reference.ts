import { randomInt } from 'node:crypto';
import type { Middleware } from 'koa';

/** Without letters and digits that people mix up when they read them out. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A number that stands on the error page and in the log line, so that the person and the operator speak of the same event.
 * Made when somebody asks for it: most requests have nothing to tell.
 */
export const assignReference: Middleware = async function assignReference(ctx, next) {
  let reference: string | undefined;
  Object.defineProperty(ctx.state, 'reference', {
    enumerable: true,
    get() {
      reference ??= createReference();
      return reference;
    },
  });
  await next();
};

function createReference() {
  return Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join('');
}
