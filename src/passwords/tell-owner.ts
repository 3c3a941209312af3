import type { Context } from 'koa';
import type { Account } from '../directory/index.ts';
import type { Change, Letters } from './letters.ts';
import type { PasswordPageParts } from './parts.ts';

/**
 * Mails a person what was changed of how they sign in, and from where: whoever has come in quietly is heard of (NIST SP
 * 800-63B-4, §4.6). Nobody waits for it, and what was changed stays so whatever becomes of the mail.
 */
export type TellOwner = (ctx: Context, account: Account, change: Change) => void;

interface Parts extends Pick<PasswordPageParts, 'pages' | 'clientAddress' | 'mailer'> {
  readonly letters: Letters;
}

export function createTellOwner({ pages, clientAddress, mailer, letters }: Parts): TellOwner {
  return (ctx, account, change) => {
    const from = { userAgent: ctx.get('User-Agent'), address: clientAddress(ctx) };
    mailer?.post(letters.changed(pages.words(ctx), account, change, from));
  };
}
