import type { Context } from 'koa';
import type { Policy } from '../config/index.ts';
import type { Revocation } from '../connections/index.ts';
import type { Account, DirectoryAdministration } from '../directory/index.ts';
import type { SessionCutoff } from '../sessions/index.ts';
import type { TellOwner } from './tell-owner.ts';

interface Replacement {
  readonly password: string;
  /** Of the password that it takes the place of; `PASSWORD_REPLACED` when that is another one by now. */
  readonly version: number;
  /** Whether the tools end that were connected until now; the policy may want it anyway. */
  readonly disconnects: boolean;
  /** Of the request that asks for it. */
  readonly ctx: Context;
}

/** The one way to another password for whoever is not the operator: every session of before ends, and the person is told. */
export type ReplacePassword = (account: Account, replacement: Replacement) => Promise<void>;

interface Parts {
  readonly policy: Pick<Policy, 'signIn'>;
  readonly directory: Pick<DirectoryAdministration, 'changePassword'>;
  readonly revocation: Pick<Revocation, 'disconnectAll'>;
  readonly cutoff: Pick<SessionCutoff, 'endEverywhere'>;
  readonly tellOwner: TellOwner;
}

export function createReplacePassword(parts: Parts): ReplacePassword {
  const { directory, revocation, cutoff, tellOwner } = parts;
  // The directory sees to it then.
  const { passwordChangeEndsConnections: endsAll } = parts.policy.signIn;
  return async (account, { password, version, disconnects, ctx }) => {
    await directory.changePassword(account.id, password, version);
    if (!endsAll) await cutoff.endEverywhere(account.id);
    if (!endsAll && disconnects) await revocation.disconnectAll(account.id);
    tellOwner(ctx, account, 'password');
  };
}
