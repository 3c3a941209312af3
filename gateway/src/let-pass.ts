import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision } from './decision.ts';
import type { Identity } from './identity.ts';
import { filterNodeAnswer } from './node-filter.ts';

/** What the application finds at a request: `undefined`, as the MCP SDK has it, when it came without a token. */
export function letPass(
  { who, filter }: Exclude<Decision, { answer: object }>,
  req: IncomingMessage,
  res: ServerResponse,
): { readonly auth: Identity | undefined } {
  const auth = who.isNobody ? undefined : who;
  if (filter) filterNodeAnswer(req, res, filter);
  Object.assign(req, { auth });
  return { auth };
}
