import type { Middleware } from 'koa';

/**
 * Refuses a form that another site posts. A second lock only: the first is the anti-forgery value in the form, because
 * some browsers and privacy settings send neither header, or `Origin: null` (R50).
 */
export const refuseForeignForms: Middleware = async function refuseForeignForms(ctx, next) {
  const site = ctx.get('Sec-Fetch-Site');
  if (ctx.method === 'POST' && site !== '' && site !== 'same-origin' && site !== 'none') {
    ctx.throw(403, 'this form was sent by another site');
  }
  await next();
};
