import { setTimeout as delay } from 'node:timers/promises';
import { createSemaphore } from '../semaphore.ts';
import { isMailable } from './address.ts';
import type { HandOver } from './smtp.ts';

export interface Mail {
  /** What it is about, for the log. */
  readonly kind: string;
  readonly account?: string | undefined;
  readonly to: string;
  readonly subject: string;
  /** Plain: what strangers wrote into it leads nowhere by itself. */
  readonly text: string;
}

export interface Mailer {
  /** Returns at once: whoever is answered does not wait, and the time of the answer does not tell that there is a mail. */
  post(mail: Mail): void;
  /** Whether it was handed over, once that is known. */
  send(mail: Mail): Promise<boolean>;
  /** What waits is tried once more, and not waited for longer than some seconds. */
  close(): Promise<void>;
}

interface About {
  readonly kind: string;
  readonly account?: string | undefined;
  readonly tries: number;
}

interface Parts {
  readonly handOver: HandOver;
  readonly onSent?: (sent: About) => void;
  /** `check`: in a word, which names nobody. */
  readonly onFailed?: (failed: About & { readonly check: string }) => void;
  /** Before the second try, and before each further one. */
  readonly pausesMs?: readonly number[];
}

/** Beyond that a mail server is away, or somebody has found a way to make us send. */
const mostWaiting = 500;
const mostAtOnce = 4;
const closingMs = 5000;

export function createMailer({ handOver, onSent, onFailed, pausesMs = [1000, 15_000] }: Parts): Mailer {
  const closing = new AbortController();
  const working = new Set<Promise<boolean>>();
  const someAtOnce = createSemaphore(mostAtOnce);

  async function tryOnce(mail: Mail): Promise<MailError | undefined> {
    try {
      await someAtOnce(() => handOver(mail));
      return undefined;
    } catch (error) {
      return error as MailError;
    }
  }

  async function deliver(mail: Mail): Promise<boolean> {
    const { kind, account } = mail;
    for (let tries = 1; ; tries += 1) {
      const error = await tryOnce(mail);
      if (!error) {
        onSent?.({ kind, account, tries });
        return true;
      }
      const pause = pausesMs[tries - 1];
      if (pause === undefined || isFinal(error) || closing.signal.aborted) {
        onFailed?.({ kind, account, tries, check: checkOf(error) });
        return false;
      }
      await delay(pause, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
  }

  function send(mail: Mail): Promise<boolean> {
    const check = working.size >= mostWaiting ? 'too many wait' : isMailable(mail.to) ? undefined : 'address';
    if (check !== undefined) {
      onFailed?.({ kind: mail.kind, account: mail.account, tries: 0, check });
      return Promise.resolve(false);
    }
    const delivery = deliver(mail);
    working.add(delivery);
    void delivery.finally(() => working.delete(delivery));
    return delivery;
  }

  return {
    post: (mail) => void send(mail),
    send,
    async close() {
      closing.abort();
      await Promise.race([Promise.all(working), delay(closingMs, undefined, { ref: false })]);
    },
  };
}

type MailError = Error & { readonly code?: string; readonly responseCode?: number };

/** RFC 5321 §4.2.1: 5yz is said again of the same mail. */
function isFinal({ responseCode = 0 }: MailError): boolean {
  return responseCode >= 500;
}

/** Not the words of the mail server: they repeat the address. */
function checkOf({ code, responseCode, name }: MailError): string {
  return [code ?? name, responseCode].filter(Boolean).join(' ');
}
