import type { Context } from 'koa';
import type { Account } from '../directory/index.ts';
import type { ClientAddress } from '../http/index.ts';
import type { Events } from '../operations/index.ts';
import type { Admission, SignInLimit } from '../sign-in/index.ts';
import type { Factor } from './factor-record.ts';
import type { Factors } from './factors.ts';
import { methods } from './levels.ts';
import type { StepError } from './pages.ts';
import type { Pending } from './pending.ts';
import { readSetup } from './set-up.ts';
import type { SigningIn } from './signing-in.ts';
import type { FactorWay } from './ways.ts';

/** Its person hears of what was changed, whoever it was. */
export type TellOfFactors = (
  ctx: Context,
  account: Account,
  change: `${Factor['kind']}-${'added' | 'removed'}` | 'recovery-codes',
) => void;

export interface FactorChecks {
  readonly factors: Factors;
  readonly limit: SignInLimit;
  readonly clientAddress: ClientAddress;
  readonly events: Events;
  readonly tellOwner: TellOfFactors;
}

type Taken =
  | { readonly kind: 'taken'; readonly shown: readonly string[]; readonly recoveryCodes?: readonly string[] }
  | ({ readonly kind: 'refused' } & StepError);

interface Sent {
  readonly way: FactorWay;
  readonly form: URLSearchParams;
}

interface Adding extends Sent {
  readonly way: 'app' | 'new-passkey';
}

/** Looks at what somebody shows beside the password, and says what is wrong with it. */
export function createCheckFactor({ factors, limit, clientAddress, events, tellOwner }: FactorChecks) {
  const { passkeys } = factors;

  /** Six digits are guessed soon: each try takes a slot first, of the account and of the network, as with passwords. */
  async function guess(at: SigningIn, accountId: string, check: () => Promise<boolean>): Promise<Taken> {
    // Slots of its own: only whoever has the password comes as far as here.
    const admission = await limit.admit(`second factor of ${accountId}`, clientAddress(at.ctx));
    if (admission.allowed) return verify(admission, check);
    const { busy, retryAfterSeconds } = admission;
    events.emit({ event: busy ? 'sign_in.busy' : 'sign_in.limited', account: accountId, client: at.client });
    return { kind: 'refused', error: busy ? 'busy' : 'limited', retryAfterSeconds };
  }

  async function addFactor(at: SigningIn, { account, shown }: Pending, { way, form }: Adding): Promise<Taken> {
    const { id } = account;
    const added = await readSetup(factors, { place: at.id, accountId: id, way, form, onlyFirst: shown.length < 2 });
    if ('error' in added) return { kind: 'refused', error: added.error };
    events.emit({ event: 'factor.added', account: id, client: at.client, factor: added.kind });
    tellOwner(at.ctx, account, `${added.kind}-added`);
    const method = added.kind === 'app' ? methods.code : methods.passkey;
    return { kind: 'taken', shown: method, recoveryCodes: added.recoveryCodes };
  }

  function take(at: SigningIn, pending: Pending, { way, form }: Sent): Promise<Taken> {
    const { id } = pending.account;
    const code = form.get('code') ?? '';
    if (way === 'code') return guess(at, id, () => factors.takeCode(id, code));
    if (way === 'recovery') return guess(at, id, () => factors.takeRecoveryCode(id, code));
    return way === 'passkey' ? takePasskey(at, id, form) : addFactor(at, pending, { way, form });
  }

  async function takePasskey(at: SigningIn, accountId: string, form: URLSearchParams): Promise<Taken> {
    const isTheirs = (await passkeys?.redeem(at.id, form, accountId)) !== undefined;
    return isTheirs ? { kind: 'taken', shown: methods.passkey } : { kind: 'refused', error: 'wrong' };
  }

  return {
    async take(at: SigningIn, pending: Pending, sent: Sent): Promise<Taken> {
      const taken = await take(at, pending, sent);
      if (taken.kind === 'refused' && taken.error === 'wrong')
        events.emit({
          event: 'sign_in.factor_refused',
          account: pending.account.id,
          client: at.client,
          factor: sent.way,
        });
      return taken;
    },
    /** Whose passkey it is that is all that is shown. */
    takeAlone: async (at: SigningIn, form: URLSearchParams) => {
      const accountId = await passkeys?.redeem(at.id, form);
      if (accountId === undefined)
        events.emit({ event: 'sign_in.factor_refused', client: at.client, factor: 'passkey' });
      return accountId;
    },
  };
}

async function verify(admission: Extract<Admission, { allowed: true }>, check: () => Promise<boolean>): Promise<Taken> {
  const isRight = await check().catch(async (error) => {
    // Nobody knows whether it was right (R123).
    await admission.abandon().catch(() => undefined);
    throw error;
  });
  await (isRight ? admission.succeed() : admission.fail());
  return isRight ? { kind: 'taken', shown: methods.code } : { kind: 'refused', error: 'wrong' };
}
