import type { Context } from 'koa';
import { encode } from 'uqr';
import type { Form, Frame, PageParts } from '../http/index.ts';
import { hrefWith } from '../sign-in/index.ts';
import type { Factors } from './factors.ts';
import type { Pending } from './pending.ts';
import { beginApp, maxNameLength } from './set-up.ts';
import type { SigningIn } from './signing-in.ts';
import type { FactorWay } from './ways.ts';

/** A passkey in place of the password: whose it is, it says itself. */
export const alone = 'passkey-alone';

/** What is wrong with what somebody sent. */
export interface StepError {
  readonly error: 'wrong' | 'taken' | 'full' | 'limited' | 'busy';
  readonly retryAfterSeconds?: number;
}

/** Every page on which somebody shows or sets up a factor. */
export interface FactorPage extends Frame {
  readonly form: Form;
  readonly way: FactorWay;
  /** What the form says of it. */
  readonly use: FactorWay | typeof alone;
  /** Whose it is. */
  readonly email?: string;
  /** In a flow: what it is for, and the way out of it. */
  readonly asking?: SigningIn['asking'];
  readonly others: readonly { readonly href: string; readonly words: string }[];
  /** To the first step again. */
  readonly otherAccountHref?: string;
  /** To the page before, on the pages of the account. */
  readonly cancelHref?: string;
  readonly error?: string;
}

/** With the script: what the browser is asked for. */
export interface PasskeyPage extends FactorPage {
  /** JSON, for the script alone. */
  readonly request: string;
  readonly ticket: string;
  readonly maxNameLength: number;
}

export interface AppPage extends FactorPage {
  readonly qr: { readonly size: number; readonly path: string };
  /** In groups, to be typed. */
  readonly secret: string;
  /** For an app on this very device. */
  readonly uri: string;
  readonly ticket: string;
  readonly name: string;
  readonly maxNameLength: number;
}

export interface RecoveryCodesPage extends Frame {
  readonly codes: readonly string[];
  readonly href: string;
}

/** As much of a request as a page needs. */
type At = Pick<SigningIn, 'ctx' | 'id' | 'href' | 'form' | 'asking'>;

export interface FactorPages {
  showStep(at: At, pending: Pick<Pending, 'account'>, wanted: Wanted, error?: StepError): Promise<void>;
  showPasskeyAlone(at: At, status?: 422): Promise<void>;
  showRecoveryCodes(ctx: Context, codes: readonly string[], href: string): void;
}

interface Wanted {
  readonly way: FactorWay;
  readonly ways: readonly FactorWay[];
  /** What was sent before, of the page to set up an app. */
  readonly form?: URLSearchParams;
  readonly cancelHref?: string;
}

interface Parts extends Pick<PageParts, 'pages'> {
  readonly factors: Factors;
  readonly brand: string;
}

export function createFactorPages({ pages, factors, brand }: Parts): FactorPages {
  const { passkeys } = factors;

  function frameOf(at: At, { way, ways, cancelHref }: Wanted, error?: StepError): FactorPage {
    const frame = pages.frame(at.ctx, `factors.${way}-title`);
    return {
      ...frame,
      form: at.form,
      way,
      use: way,
      others: ways
        .filter((other) => other !== way)
        .map((other) => ({ href: hrefWith(at.href, { use: other }), words: frame.say(`factors.use-${other}`) })),
      ...(at.asking && { asking: at.asking }),
      ...(cancelHref === undefined ? { otherAccountHref: hrefWith(at.href, { account: 'another' }) } : { cancelHref }),
      ...(error && { error: errorOf(frame, way, error) }),
    };
  }

  function statusOf(ctx: Context, { error, retryAfterSeconds }: StepError): number {
    if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds));
    return error === 'limited' || error === 'busy' ? 429 : 422;
  }

  async function showPasskey(at: At, page: FactorPage, kind: 'get' | 'create', asked: Asked, status: number) {
    const request = JSON.stringify({ kind, options: JSON.parse(asked.options) });
    const complete: PasskeyPage = { ...page, request, ticket: asked.ticket, maxNameLength };
    pages.show(at.ctx, 'passkey', complete, { status });
  }

  function showApp(at: At, page: FactorPage, { account, form, status }: Shown): void {
    const { secret, ticket, uri } = beginApp(factors, { place: at.id, account, brand, former: form?.get('ticket') });
    const groups = (secret.match(/.{1,4}/g) ?? []).join(' ');
    const name = form?.get('name') ?? '';
    const complete: AppPage = { ...page, qr: pictureOf(uri), secret: groups, uri, ticket, name, maxNameLength };
    pages.show(at.ctx, 'factor-app', complete, { status });
  }

  return {
    async showStep(at, { account }, wanted, error) {
      const page = { ...frameOf(at, wanted, error), email: account.email };
      const status = error ? statusOf(at.ctx, error) : 200;
      if (wanted.way === 'app') return showApp(at, page, { account, form: wanted.form, status });
      if (wanted.way === 'passkey' && passkeys)
        return showPasskey(at, page, 'get', await passkeys.ask(at.id, account.id), status);
      if (wanted.way === 'new-passkey' && passkeys)
        return showPasskey(at, page, 'create', await passkeys.askToCreate(at.id, account), status);
      pages.show(at.ctx, 'factor-code', page, { status });
    },

    async showPasskeyAlone(at, status) {
      if (!passkeys) return;
      const error = status && ({ error: 'wrong' } as const);
      const { otherAccountHref: href = at.href, ...page } = frameOf(at, { way: 'passkey', ways: [] }, error);
      const others = [{ href, words: page.say('factors.use-password') }];
      await showPasskey(at, { ...page, use: alone, others }, 'get', await passkeys.ask(at.id), status ?? 200);
    },

    showRecoveryCodes(ctx, codes, href) {
      // In no other language: the page is the answer to a form, and is shown once.
      const page: RecoveryCodesPage = { ...pages.frame(ctx, 'factors.codes-title'), languages: [], codes, href };
      pages.show(ctx, 'recovery-codes', page);
    },
  };
}

interface Shown extends Pick<Pending, 'account'> {
  readonly form: URLSearchParams | undefined;
  readonly status: number;
}

type Asked = { readonly options: string; readonly ticket: string };

function errorOf({ say }: Pick<Frame, 'say'>, way: FactorWay, { error, retryAfterSeconds = 0 }: StepError): string {
  if (error === 'limited') return say('sign-in.limited', { minutes: Math.ceil(retryAfterSeconds / 60) });
  if (error === 'busy') return say('sign-in.busy');
  return say(error === 'wrong' ? `factors.${way}-wrong` : `factors.passkey-${error}`);
}

/** One path of squares, which a template can hold without markup of somebody else's making. */
function pictureOf(uri: string): AppPage['qr'] {
  const { data, size } = encode(uri, { ecc: 'M', border: 4 });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { size, path: squares.join('') };
}
