import type { Account } from './directory.ts';

interface Request {
  readonly state: { [known]?: Account };
}

/** What belongs to a host in the state of a request has other names. */
const known = Symbol('account');

/** What a request has asked for it need not ask for again: a form of the flow ends a step, and goes on to the next. */
export function noteAccount({ state }: Request, account: Account): void {
  state[known] = account;
}

export function findNoted({ state }: Request, accountId: string): Account | undefined {
  const account = state[known];
  return account?.id === accountId ? account : undefined;
}
