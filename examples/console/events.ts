import { randomUUID } from 'node:crypto';
import { type AuthorizationServer, call } from './authorization-server.ts';

export interface Ended {
  readonly type: 'membership.ended' | 'role.changed' | 'account.disabled' | 'account.signed_out';
  readonly account: string;
  readonly organization?: string;
}

const retryMs = 1_000;

/** Tells the authorization server what has ended, until it has heard. In memory; a console of yours keeps them in its database. */
export function createOutbox(server: AuthorizationServer) {
  const waiting: object[] = [];
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, 1000);
      // Told twice is no harm: an `id` that was seen before does nothing.
      const answered = await call(server, 'events', batch).catch(() => undefined);
      if (answered?.status === 200) waiting.splice(0, batch.length);
      else await new Promise<void>((again) => setTimeout(again, retryMs).unref());
    }
    sending = undefined;
  }

  return {
    /** Resolves when it was heard. */
    tell(event: Ended): Promise<void> {
      waiting.push({ ...event, id: randomUUID(), at: Math.floor(Date.now() / 1000) });
      sending ??= send();
      return sending;
    },
  };
}
