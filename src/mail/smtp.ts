import { isLoopbackHost } from '@bkend/mcp-gateway/vocabulary';
import type { Mail } from './mailer.ts';

interface SmtpSettings {
  /** `smtp://` or `smtps://`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The sender, with or without a name. */
  readonly from: string;
}

/** Hands one mail over, or throws. */
export type HandOver = (mail: Mail) => Promise<void>;

const timeoutMs = 10_000;

/** Loaded with the first mail: a server that sends none does not wait for it at its start. */
export function createSmtp({ url, username, password, from }: SmtpSettings): HandOver {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  return async function handOver({ to, subject, text }) {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port: port === '' ? (secure ? 465 : 587) : Number(port),
      secure,
      // A password goes to another machine by TLS only.
      requireTLS: username !== undefined && !isLoopbackHost(hostname),
      ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      // As objects: text would be read as a list of addresses.
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text, headers: automatic });
    } finally {
      transport.close();
    }
  };
}

/** RFC 3834 §5: nobody's "out of office" answers it. */
const automatic = { 'Auto-Submitted': 'auto-generated' };
