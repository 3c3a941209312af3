import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMailer, createSmtp, isMailable, type Mail } from '../../src/mail/index.ts';
import { eventually } from '../support/eventually.ts';
import { openMailbox } from '../support/mailbox.ts';
import { freePort } from '../support/redis.ts';
import { shared } from '../support/shared.ts';

const mailbox = shared(openMailbox);
beforeEach(() => {
  mailbox.mails.length = 0;
  mailbox.refusals.length = 0;
});

const mail: Mail = { kind: 'reset', account: 'acc_1', to: 'ada@example.com', subject: 'A subject', text: 'A text\n' };

function mailer(url = mailbox.env.SMTP_URL, pausesMs = [0, 0]) {
  const told: object[] = [];
  const made = createMailer({
    handOver: createSmtp({ url, from: mailbox.env.MAIL_FROM }),
    pausesMs,
    onSent: (sent) => told.push({ sent }),
    onFailed: (failed) => told.push({ failed }),
  });
  return { ...made, told };
}

describe('a mail', () => {
  it('is plain text from the sender of the settings, and says that no person wrote it', async () => {
    const { send, told } = mailer();
    expect(await send({ ...mail, subject: '한국어', text: `한국어 ${'x'.repeat(200)} https://a.example/?b=c\n` })).toBe(
      true,
    );

    const { to, headers, text, link } = await mailbox.newest('ada@example.com');
    expect(to).toEqual(['ada@example.com']);
    expect(headers.get('from')).toBe('bkend <no-reply@example.com>');
    expect(headers.get('content-type')).toMatch(/^text\/plain; charset=utf-8/);
    expect(headers.get('auto-submitted')).toBe('auto-generated');
    expect([text.slice(0, 3), link]).toEqual(['한국어', 'https://a.example/?b=c']);
    expect(told).toEqual([{ sent: { kind: 'reset', account: 'acc_1', tries: 1 } }]);
  });

  it('that the server does not take now is tried again, and given up after three times', async () => {
    const { send, told } = mailer();
    mailbox.refusals.push(451, 421);
    expect(await send(mail)).toBe(true);
    mailbox.refusals.push(451, 451, 451);
    expect(await send(mail)).toBe(false);

    expect(mailbox.mails).toHaveLength(1);
    expect(told).toEqual([
      { sent: { kind: 'reset', account: 'acc_1', tries: 3 } },
      { failed: { kind: 'reset', account: 'acc_1', tries: 3, check: 'EMESSAGE 451' } },
    ]);
  });

  it('that the server never takes is not tried again, and its words are not told: they repeat the address', async () => {
    const { send, told } = mailer();
    const before = mailbox.tries();
    mailbox.refusals.push(550);
    expect(await send(mail)).toBe(false);
    expect(mailbox.tries() - before).toBe(1);
    expect(told).toEqual([{ failed: { kind: 'reset', account: 'acc_1', tries: 1, check: 'EMESSAGE 550' } }]);
  });

  it('waits for a server that is away, and for nobody who ends the process', async () => {
    const told: object[] = [];
    const handOver = jest.fn(createSmtp({ url: `smtp://127.0.0.1:${await freePort()}`, from: mailbox.env.MAIL_FROM }));
    const { post, close } = createMailer({ handOver, pausesMs: [600_000], onFailed: (failed) => told.push(failed) });
    post(mail);
    await eventually(() => handOver.mock.results.length === 1);
    await Promise.resolve(handOver.mock.results[0]?.value).catch(() => undefined);
    await setImmediate(); // It has heard of that, and waits.
    expect(told).toEqual([]);
    await close();
    expect(told).toEqual([expect.objectContaining({ check: 'ESOCKET', tries: 2 })]);
  });

  it('is one of five hundred that wait at most: more is no crowd of people', async () => {
    const told: object[] = [];
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { send } = createMailer({ handOver: () => held, onFailed: (failed) => told.push(failed) });
    const sent = Promise.all(Array.from({ length: 501 }, () => send(mail)));
    letGo();
    expect((await sent).filter((isSent) => !isSent)).toHaveLength(1);
    expect(told).toEqual([expect.objectContaining({ check: 'too many wait' })]);
  });
});

describe('an address', () => {
  it.each(['ada@example.com', 'ada+tools@example.com', "o'hara@example.com", '한글@example.com', '{a}@b'])(
    'may be %s',
    (address) => {
      expect(isMailable(address)).toBe(true);
    },
  );

  it.each([
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com\nSubject: hello',
    'ada@example.com, eve@example.com',
    'ada@example.com;eve@example.com',
    'Ada <eve@example.com>',
    '"ada@example.com eve@evil.example"@example.com',
    'ada(eve@evil.example)@example.com',
    'list:eve@example.com',
    'ada\u0000@example.com',
    'ada\u2028@example.com',
    'ada@example.com ',
    'ada',
    'a@b@c',
    `${'a'.repeat(250)}@example.com`,
    '',
  ])('is not %j, which programs read as another one, or as several', async (address) => {
    expect(isMailable(address)).toBe(false);
    const { send, told } = mailer();
    expect(await send({ ...mail, to: address })).toBe(false);
    expect(told).toEqual([{ failed: expect.objectContaining({ check: 'address', tries: 0 }) }]);
    expect(mailbox.mails).toEqual([]);
  });

  it('that nobody looked at reaches no other mailbox either, and adds no header', async () => {
    const handOver = createSmtp({ url: mailbox.env.SMTP_URL, from: mailbox.env.MAIL_FROM });
    const injected = 'x\r\nBcc: eve@evil.example\r\n\r\nA body';
    for (const to of ['ada@example.com\r\nBcc: eve@evil.example', 'ada@example.com, eve@evil.example'])
      await handOver({ ...mail, to, subject: injected }).catch(() => undefined);
    await handOver({ ...mail, subject: injected });

    const { headers, text } = await mailbox.newest('ada@example.com');
    expect(headers.has('bcc')).toBe(false);
    expect(text).toBe('A text\n');
    expect(mailbox.mails.flatMap(({ to }) => to)).not.toContain('eve@evil.example');
  });
});
