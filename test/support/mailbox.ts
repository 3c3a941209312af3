import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { eventually } from './eventually.ts';

export interface ReceivedMail {
  /** Of the envelope: to whom it really goes. */
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** The first address in it. */
  readonly link: string;
}

export async function openMailbox() {
  const mails: ReceivedMail[] = [];
  const refusals: number[] = [];
  let tries = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      void text(stream).then((raw) => {
        tries += 1;
        const refusal = refusals.shift();
        if (refusal !== undefined)
          return done(Object.assign(new Error('not now, x@example.com'), { responseCode: refusal }));
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push(read(raw, to));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const of = (to: string) => mails.filter((mail) => mail.to.includes(to));
  return {
    env: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'bkend <no-reply@example.com>' },
    mails,
    /** The next mails are refused so, one each; then they are taken again. */
    refusals,
    /** How often somebody tried. */
    tries: () => tries,
    /** The newest for this address, once there are so many. */
    async newest(to: string, count: number = 1) {
      await eventually(() => of(to).length >= count);
      return of(to).at(-1) as ReceivedMail;
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function read(raw: string, to: readonly string[]): ReceivedMail {
  const [head = '', body = ''] = raw.split(/\r\n\r\n(.*)/s);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: */, '')]),
  );
  const content = decode(body, headers.get('content-transfer-encoding') ?? '');
  return { to, headers, text: content, link: /https?:\S+/.exec(content)?.[0] ?? '' };
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n');
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n');
}
