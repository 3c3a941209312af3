import { describe, expect, it } from '@jest/globals';
import { issuesOf, loadWith } from './refusal.ts';

const sender = { MAIL_FROM: 'Example <no-reply@example.com>' };

describe('the mail server', () => {
  it.each([
    [{}, undefined],
    [
      { SMTP_URL: 'smtp://mail.example.com:587', ...sender },
      { url: 'smtp://mail.example.com:587', from: sender.MAIL_FROM },
    ],
    [
      { SMTP_URL: 'smtps://bkend:p%2Fw@mail.example.com/', MAIL_FROM: 'a@example.com' },
      { url: 'smtps://mail.example.com', username: 'bkend', password: 'p/w', from: 'a@example.com' },
    ],
    [
      { SMTP_URL: 'smtp://[::1]:25', SMTP_USERNAME: 'bkend', SMTP_PASSWORD: 'p%/w', ...sender },
      { url: 'smtp://[::1]:25', username: 'bkend', password: 'p%/w', from: sender.MAIL_FROM },
    ],
  ])('is %j', (variables, mail) => {
    expect(loadWith(variables).mail).toEqual(mail);
  });

  it.each([
    [{ SMTP_URL: 'smtp://a' }, 'SMTP_URL', 'needs MAIL_FROM'],
    [sender, 'MAIL_FROM', 'needs SMTP_URL'],
    [{ SMTP_USERNAME: 'a', SMTP_PASSWORD: 'b' }, 'SMTP_USERNAME', 'needs SMTP_URL'],
    [{ SMTP_URL: 'smtp://a', SMTP_USERNAME: 'a', ...sender }, 'SMTP_USERNAME', 'needs SMTP_PASSWORD'],
    [{ SMTP_URL: 'smtp://a', SMTP_PASSWORD: 'a', ...sender }, 'SMTP_PASSWORD', 'needs SMTP_USERNAME'],
    ...['mail.example.com', 'https://mail.example.com', 'smtp://', 'smtp://a/b', 'smtp://a?b', 'smtp://a:50%@b'].map(
      (url) =>
        [
          { SMTP_URL: url, ...sender },
          'SMTP_URL',
          'must look like smtp://mail.example.com:587 or smtps://mail.example.com',
        ] as const,
    ),
    ...['Example', 'a@b, c@d', 'Example <a@b>\nBcc: c@d', '<a@b> <c@d>', 'a@b\r\n'].map(
      (from) =>
        [
          { SMTP_URL: 'smtp://a', MAIL_FROM: from },
          'MAIL_FROM',
          'must be an address, or a name and an address as in Example <no-reply@example.com>',
        ] as const,
    ),
  ])('is not %j', (variables, where, sentence) => {
    expect(issuesOf(variables)).toEqual([{ where, sentence }]);
  });
});
