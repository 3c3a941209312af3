import dns from 'node:dns';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { createSmtp, type Mail } from '../../src/mail/index.ts';
import { shared } from '../support/shared.ts';

/** A mail server on this machine that offers no TLS, and notes the passwords that it is told. */
const server = shared(async () => {
  const passwords: unknown[] = [];
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth({ password }, _session, done) {
      passwords.push(password);
      done(null, { user: 'bkend' });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  return {
    passwords,
    port: (smtp.server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => smtp.close(() => resolve())),
  };
});
const mail: Mail = { kind: 'reset', account: 'acc_1', to: 'ada@example.com', subject: 'A subject', text: 'A text\n' };

afterEach(() => {
  jest.restoreAllMocks();
  server.passwords.length = 0;
});

describe('the password of a mail server that offers no TLS', () => {
  it.each(['localhost', '127.0.0.1'])('is told to this machine: %s', async (host) => {
    await handOver(host);
    expect(server.passwords).toEqual(['pass-phrase']);
  });

  it.each(['localhost.evil.example', '127.evil.example', '127.0.0.1.evil.example', 'mail.example'])(
    'is told to no other machine: %s',
    async (host) => {
      everyNameIsThisMachine();
      await expect(handOver(host)).rejects.toMatchObject({ code: 'ETLS' });
      expect(server.passwords).toEqual([]);
    },
  );
});

async function handOver(host: string): Promise<void> {
  const url = `smtp://${host}:${server.port}`;
  await createSmtp({ url, username: 'bkend', password: 'pass-phrase', from: 'no-reply@example.com' })(mail);
}

/** The resolver of the machine, so that no test asks the network for a name. */
function everyNameIsThisMachine(): void {
  const answer = (...args: unknown[]) =>
    (args.at(-1) as (error: null, addresses: unknown) => void)(null, ['127.0.0.1']);
  jest.spyOn(dns.Resolver.prototype, 'resolve4').mockImplementation(answer as never);
  jest.spyOn(dns.Resolver.prototype, 'resolve6').mockImplementation(answer as never);
  const found = (...args: unknown[]) =>
    (args.at(-1) as (error: null, addresses: unknown) => void)(null, [{ address: '127.0.0.1', family: 4 }]);
  jest.spyOn(dns, 'lookup').mockImplementation(found as never);
}
