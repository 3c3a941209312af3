import { describe, expect, it } from '@jest/globals';
import { issuesOf, loadWith } from './refusal.ts';

type Row = [variables: Record<string, string>, where: string, sentence: string];
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

  const server = 'must look like smtp://mail.example.com:587 or smtps://mail.example.com';
  const address = 'must be an address, or a name and an address as in Example <no-reply@example.com>';
  it.each<Row>([
    [{ SMTP_URL: 'smtp://a' }, 'SMTP_URL', 'needs MAIL_FROM'],
    [sender, 'MAIL_FROM', 'needs SMTP_URL'],
    [{ SMTP_USERNAME: 'a', SMTP_PASSWORD: 'b' }, 'SMTP_USERNAME', 'needs SMTP_URL'],
    [{ SMTP_URL: 'smtp://a', SMTP_USERNAME: 'a', ...sender }, 'SMTP_USERNAME', 'needs SMTP_PASSWORD'],
    [{ SMTP_URL: 'smtp://a', SMTP_PASSWORD: 'a', ...sender }, 'SMTP_PASSWORD', 'needs SMTP_USERNAME'],
    ...['mail.example.com', 'https://mail.example.com', 'smtp://', 'smtp://a/b', 'smtp://a?b', 'smtp://a:50%@b'].map(
      (url): Row => [{ SMTP_URL: url, ...sender }, 'SMTP_URL', server],
    ),
    ...['Example', 'a@b, c@d', 'Example <a@b>\nBcc: c@d', '<a@b> <c@d>', 'a@b\r\n'].map(
      (from): Row => [{ SMTP_URL: 'smtp://a', MAIL_FROM: from }, 'MAIL_FROM', address],
    ),
  ])('is not %j', (variables, where, sentence) => {
    expect(issuesOf(variables)).toEqual([{ where, sentence }]);
  });
});
