import type { Context } from 'koa';

/** Ours hold an email, a password and some scopes. */
const maxBytes = 32 * 1024;

/** The fields of a posted form. Throws 415 or 413 for anything that no page of ours sends. */
export async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) ctx.throw(415, 'only forms are understood here');
  let body = '';
  for await (const chunk of ctx.req.setEncoding('utf8')) {
    body += chunk;
    if (body.length > maxBytes) ctx.throw(413, 'the form is too large');
  }
  return new URLSearchParams(body);
}
