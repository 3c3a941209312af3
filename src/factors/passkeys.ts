import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { Clock } from '../clock.ts';
import type { RecordNames, Store, Vault } from '../storage/index.ts';
import { type FactorRecords, type Passkey, withFactor } from './factor-record.ts';
import type { Tickets } from './tickets.ts';
import type { WebAuthn } from './webauthn.ts';

/** What a page with the script needs: what the browser is asked, and what comes back with its answer. */
interface PasskeyRequest {
  readonly options: string;
  readonly ticket: string;
}

export interface Passkeys {
  /**
   * Of somebody whose password was right, or of whoever comes: then no credential is named, because a list of them for an
   * email would tell who has an account.
   */
  ask(place: string, accountId?: string): Promise<PasskeyRequest>;
  /** Whose passkey it is; nothing when it is none, or not of whom it was asked. */
  redeem(place: string, form: URLSearchParams, accountId?: string): Promise<string | undefined>;
  askToCreate(place: string, account: Owner): Promise<PasskeyRequest>;
  /** What was created, to be added; `taken` by somebody. */
  redeemCreated(place: string, form: URLSearchParams, accountId: string): Promise<CreatedPasskey | 'taken' | undefined>;
  forget(accountId: string, passkeys: readonly Passkey[]): Promise<void>;
}

type CreatedPasskey = Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'>;

interface Owner {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

interface Parts {
  readonly webAuthn: WebAuthn;
  readonly records: FactorRecords;
  readonly tickets: Tickets;
  readonly store: Pick<Store, 'read' | 'writeIfAbsent' | 'remove'>;
  readonly names: Pick<RecordNames, 'passkey'>;
  readonly vault: Pick<Vault, 'hash'>;
  readonly clock: Clock;
}

export function createPasskeys(parts: Parts): Passkeys {
  const { webAuthn, records, tickets, store, names, vault, clock } = parts;
  const nameOf = (credentialId: string) => names.passkey(vault.hash('passkey', credentialId));
  // The challenge is of one place, a flow or the account's pages, and of one purpose.
  const asking = (place: string, accountId = 'whoever comes') => `passkey asked for at ${place} of ${accountId}`;
  const creating = (place: string, accountId: string) => `passkey created at ${place} by ${accountId}`;
  const passkeysOf = async (accountId: string) => (await records.read(accountId)).factors.filter(isPasskey);

  /** The counter is moved on with the check, so that of two uses of a copied key one is seen (WebAuthn §6.1.1). */
  function move(accountId: string, id: string, counter: number): Promise<true | undefined> {
    return records.change(accountId, (record) => {
      const kept = record.factors.filter(isPasskey).find((each) => each.id === id);
      if (!kept || (counter > 0 && counter <= kept.counter)) return undefined;
      return { record: withFactor(record, { ...kept, counter, lastUsedAt: clock.seconds() }), result: true };
    });
  }

  /** What a page sent back, if its ticket is of this purpose. */
  function readAnswer(purpose: string, form: URLSearchParams) {
    const challenge = tickets.open(purpose, form.get('ticket') ?? '');
    const sent = readCredential(form);
    return typeof challenge === 'string' && sent ? { challenge, sent } : undefined;
  }

  /** One credential is of one account (WebAuthn §7.1, step 27). */
  async function claim(credentialId: string, accountId: string): Promise<boolean> {
    const name = nameOf(credentialId);
    if (await store.writeIfAbsent(name, JSON.stringify({ accountId }))) return true;
    return (await holderOf(name)) === accountId;
  }

  const holderOf = async (name: string) => JSON.parse((await store.read(name))?.value ?? '{}').accountId;

  return {
    async ask(place, accountId) {
      const allowed = accountId === undefined ? undefined : await passkeysOf(accountId);
      const { options, challenge } = await webAuthn.requestOptions({ allowed, verifiesUser: accountId === undefined });
      return { options: JSON.stringify(options), ticket: tickets.seal(asking(place, accountId), challenge) };
    },

    async redeem(place, form, accountId) {
      const answer = readAnswer(asking(place, accountId), form);
      const owner = answer && ownerOf(answer.sent, accountId);
      if (!answer || owner === undefined) return undefined;
      const { challenge, sent } = answer;
      const passkey = (await passkeysOf(owner)).find(({ id }) => id === sent.id);
      // Where it is all that is shown, the authenticator must have verified the person: only then it is two factors.
      const verifiesUser = accountId === undefined;
      const counter = passkey && (await webAuthn.verifyRequest(sent, passkey, { challenge, verifiesUser }));
      // Used up by who has the key only: strangers fill nothing.
      if (counter === undefined || !(await tickets.useOnce(challenge))) return undefined;
      return (await move(owner, sent.id, counter)) && owner;
    },

    async askToCreate(place, { id, email, name }) {
      const existing = await passkeysOf(id);
      const { options, challenge } = await webAuthn.creationOptions({ accountId: id, email, name, existing });
      return { options: JSON.stringify(options), ticket: tickets.seal(creating(place, id), challenge) };
    },

    async redeemCreated(place, form, accountId) {
      const answer = readAnswer(creating(place, accountId), form);
      const created = answer && (await webAuthn.verifyCreation(answer.sent, answer.challenge));
      if (!created || !(await tickets.useOnce(answer.challenge))) return undefined;
      return (await claim(created.id, accountId)) ? created : 'taken';
    },

    async forget(accountId, passkeys) {
      for (const { id } of passkeys) {
        if ((await holderOf(nameOf(id))) === accountId) await store.remove([nameOf(id)]);
      }
    },
  };
}

export function isPasskey(factor: { readonly kind: string }): factor is Passkey {
  return factor.kind === 'passkey';
}

function readCredential(form: URLSearchParams): AuthenticationResponseJSON | undefined {
  try {
    const sent = JSON.parse(form.get('credential') ?? '');
    return typeof sent?.id === 'string' && typeof sent.response === 'object' ? sent : undefined;
  } catch {
    return undefined;
  }
}

/** Whose it is the authenticator says; of somebody who is known it must say the same (§7.2, step 6). */
function ownerOf({ response }: AuthenticationResponseJSON, expected: string | undefined): string | undefined {
  const handle: unknown = response?.userHandle;
  if (typeof handle !== 'string' || handle === '') return expected;
  const said = Buffer.from(handle, 'base64url').toString();
  return expected === undefined || said === expected ? said : undefined;
}
