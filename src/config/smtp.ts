import { z } from 'zod';
import type { Issue } from './issues.ts';
import { text } from './schema.ts';

type Settings = Readonly<Record<string, string | undefined>>;

/** Said without the text, which may hold a password. */
export const smtpUrl = text((href) => {
  const url = URL.parse(href);
  const isOne = url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '';
  return isOne && isDecodable(url) && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === ''
    ? undefined
    : 'must look like smtp://mail.example.com:587 or smtps://mail.example.com';
});

/** `%` alone is in many a generated password. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

const address = String.raw`[^\s\p{C}@<>()[\]\\,;:"]+@[^\s\p{C}@<>()[\]\\,;:"]+`;
const sender = new RegExp(String.raw`^(?:${address}|[^\p{C}<>"@,;:\\]+ <${address}>)$`, 'u');

export const mailFrom = z
  .string()
  .refine(
    (from) => sender.test(from),
    'must be an address, or a name and an address as in Example <no-reply@example.com>',
  );

/** What mails are sent with. */
export interface MailSettings {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly from: string;
}

export function findMailSettings(settings: Settings): MailSettings | undefined {
  const { SMTP_URL: url, SMTP_USERNAME, SMTP_PASSWORD, MAIL_FROM: from } = settings;
  if (url === undefined || from === undefined) return undefined;
  const { username, password, protocol, host } = new URL(url);
  const [user, secret] = username ? [username, password].map(decodeURIComponent) : [SMTP_USERNAME, SMTP_PASSWORD];
  return { url: `${protocol}//${host}`, from, ...(user !== undefined && { username: user, password: secret ?? '' }) };
}

/** Half of it would be a server that answers that a mail is on its way. */
export function findMailIssues({ SMTP_URL, SMTP_USERNAME, SMTP_PASSWORD, MAIL_FROM }: Settings): Issue[] {
  const needs = (where: string, other: string) => ({ where, sentence: `needs ${other}` });
  return [
    ...(SMTP_URL !== undefined && MAIL_FROM === undefined ? [needs('SMTP_URL', 'MAIL_FROM')] : []),
    ...(SMTP_URL === undefined && MAIL_FROM !== undefined ? [needs('MAIL_FROM', 'SMTP_URL')] : []),
    ...(SMTP_URL === undefined && SMTP_USERNAME !== undefined ? [needs('SMTP_USERNAME', 'SMTP_URL')] : []),
    ...(SMTP_USERNAME !== undefined && SMTP_PASSWORD === undefined ? [needs('SMTP_USERNAME', 'SMTP_PASSWORD')] : []),
    ...(SMTP_USERNAME === undefined && SMTP_PASSWORD !== undefined ? [needs('SMTP_PASSWORD', 'SMTP_USERNAME')] : []),
  ];
}
