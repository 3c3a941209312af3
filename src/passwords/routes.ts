import type { Context } from 'koa';
import { type Endpoint, refuseForeignForm } from '../http/index.ts';
import { showForgotten, showMailed, submitForgotten } from './forgotten.ts';
import { followInvitation, showInvitation, submitInvitation } from './invitation.ts';
import type { PasswordParts } from './parts.ts';
import { followReset, showReset, submitReset } from './reset.ts';

type Handler = (ctx: Context, parts: PasswordParts) => Promise<void>;

/** No GET uses a link up: whoever scans mails follows all that they find in them. */
export function passwordEndpoints(parts: PasswordParts): Endpoint[] {
  const { password, invitation } = parts.paths;
  const get = (path: string, handle: Handler): Endpoint => ({
    name: 'password',
    path,
    methods: ['GET'],
    handler: (ctx) => handle(ctx, parts),
  });
  const post = (path: string, handle: Handler): Endpoint => ({
    name: 'password',
    path,
    methods: ['POST'],
    once: 'form',
    handler(ctx) {
      refuseForeignForm(ctx);
      return handle(ctx, parts);
    },
  });
  const forgotten = [
    get(`${password}/forgotten`, showForgotten),
    post(`${password}/forgotten`, submitForgotten),
    get(`${password}/mailed`, showMailed),
  ];
  return [
    ...(parts.mailer ? forgotten : []),
    get(`${password}/reset`, followReset),
    get(`${password}/new`, showReset),
    post(`${password}/new`, submitReset),
    get(invitation, followInvitation),
    get(`${invitation}/accept`, showInvitation),
    post(`${invitation}/accept`, submitInvitation),
  ];
}
