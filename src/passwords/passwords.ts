import { AsyncResource } from 'node:async_hooks';
import type { Endpoint } from '../http/index.ts';
import { createInvitations } from './invitations.ts';
import { createLetters } from './letters.ts';
import { createForgottenLimit } from './limit.ts';
import { createOneTimeLinks } from './links.ts';
import type { PasswordPageParts, PasswordParts } from './parts.ts';
import { createReplacePassword, type ReplacePassword } from './replace.ts';
import { passwordEndpoints } from './routes.ts';
import { createTellOwner, type TellOwner } from './tell-owner.ts';

/** What other pages have of it. */
export interface Passwords {
  endpoints(): Endpoint[];
  /** Where somebody goes who forgot theirs, from a flow or from the account; nowhere where no mail can be sent. */
  forgottenHref(flow?: string): string | undefined;
  /** For whoever showed that they know the one of now. */
  readonly replace: ReplacePassword;
  /** Of what else is changed of how they sign in. */
  readonly tellOwner: TellOwner;
  /** Of the password of an account; nothing where it has none. */
  versionOf(accountId: string): Promise<number | undefined>;
  close(): Promise<void>;
}

export function createPasswords(given: PasswordPageParts): Passwords {
  const { events, mailer, paths, clock } = given;
  const working = new Set<Promise<void>>();
  const links = createOneTimeLinks(given);
  const letters = createLetters({ issuer: given.issuer, brand: given.policy.brand });
  const tellOwner = createTellOwner({ ...given, letters });
  const replace = createReplacePassword({ ...given, tellOwner });

  const afterwards: PasswordParts['afterwards'] = (ctx, work) => {
    const begin = AsyncResource.bind(() => {
      const done = work().catch((err) => events.emit({ event: 'error', err }));
      working.add(done);
      void done.finally(() => working.delete(done));
    });
    ctx.res.once('close', begin);
  };

  const parts: PasswordParts = {
    ...given,
    links,
    letters,
    replace,
    afterwards,
    invitations: createInvitations(given, links, clock),
    limit: createForgottenLimit(given),
  };
  return {
    replace,
    tellOwner,
    versionOf: async (id) => (await given.directory.findWithPassword({ id }))?.version,
    endpoints: () => passwordEndpoints(parts),
    forgottenHref: (flow) =>
      mailer && `${paths.password}/forgotten${flow === undefined ? '' : `?flow=${encodeURIComponent(flow)}`}`,
    async close() {
      await Promise.all(working);
      await mailer?.close();
    },
  };
}
