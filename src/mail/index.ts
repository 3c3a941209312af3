/**
 * How a mail reaches a person: by SMTP, or printed where nobody but a developer looks. Decides when it is tried again and when
 * given up, and that nobody waits for it. What it says and whom it is for is the business of whoever sends it.
 */
export { isMailable } from './address.ts';
export { createMailer, type Mail, type Mailer } from './mailer.ts';
export { createSmtp } from './smtp.ts';
