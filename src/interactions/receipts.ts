import type { Context } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { seeOther } from '../http/index.ts';
import { keepMeanwhile } from '../storage/index.ts';
import type { FlowParts } from './parts.ts';

/** What is known of a flow that is over: where the person is sent, and why. */
export interface Receipt {
  /** Of the tool, with the code in it, or with what became of the request instead. */
  readonly url: string;
  readonly client: { readonly clientId: string; readonly clientName?: string | undefined };
  /** What was approved; absent: nothing. */
  readonly approved?: { readonly connection: string; readonly organization: string } | undefined;
  readonly declined: boolean;
  /** The languages that the request asked for. */
  readonly uiLocales?: string;
  /** The session that the flow belonged to, if somebody was signed in. */
  readonly session?: string;
  /** In milliseconds. */
  readonly at: number;
}

type Parts = Pick<
  FlowParts,
  'store' | 'names' | 'vault' | 'unfinished' | 'paths' | 'clock' | 'policy' | 'cookies' | 'sessions'
>;

/**
 * What the provider has answered at the route on which a flow goes on, when it leads away from here; kept, so that a form
 * that is sent twice, and whoever reloads, comes to the same page with the same code.
 */
export function createKeepReceipt(
  parts: Parts,
  onKept: (uid: string, receipt: Receipt) => void,
): (ctx: Context) => Promise<Receipt | undefined> {
  return async (ctx) => {
    const url = ctx.response.get('Location');
    const { oidc, params } = ctx as unknown as KoaContextWithOIDC & { params: { uid: string } };
    const interaction = oidc?.entities.Interaction;
    // The next step of the flow is a path.
    if (!url || url.startsWith('/') || !interaction) return undefined;

    const { approved, error } = (interaction.result ?? {}) as Pick<Receipt, 'approved'> & { error?: string };
    const { session } = interaction;
    const { ui_locales: uiLocales } = interaction.params;
    const receipt: Receipt = {
      url,
      client: { clientId: String(interaction.params.client_id), clientName: oidc.client?.clientName },
      ...(/[?#&]code=/.test(url) && { approved }),
      declined: error === 'access_denied',
      ...(typeof uiLocales === 'string' && { uiLocales }),
      ...(session?.uid && { session: session.uid }),
      at: parts.clock.now(),
    };
    await keepMeanwhile(write(parts, params.uid, receipt));
    keepCookie(ctx, parts, params.uid);
    onKept(params.uid, receipt);
    return receipt;
  };
}

/** The one that opens the page ends with the time that there was for the flow, which may be nearly over. */
function keepCookie(ctx: Context, { cookies, paths, policy }: Parts, uid: string): void {
  const maxAge = policy.lifetimes.authorizationCode * 1000;
  ctx.cookies.set(cookies.names.interaction, uid, { ...cookies.protection, path: paths.interaction(uid), maxAge });
}

/** From a form, and only from there the page goes on to the tool by itself: not where the back button leads. */
export function leadToReceipt(ctx: Context, { paths }: Pick<Parts, 'paths'>, uid: string): void {
  seeOther(ctx, `${paths.interaction(uid)}?answered`);
}

/** Whether this browser is, or was, in the flow of this URL. */
export const isOfFlow = ({ cookies, params }: Context, { cookies: { names } }: Pick<Parts, 'cookies'>) =>
  cookies.get(names.interaction, { signed: true }) === params.uid;

/** Where that is over, and there is a page of it: for the browser with the session in which it ended. */
export async function findReceipt(ctx: Context, parts: Parts): Promise<Receipt | undefined> {
  const { uid } = ctx.params;
  if (!isOfFlow(ctx, parts)) return undefined;
  const [receipt, signedIn] = await Promise.all([read(parts, uid), parts.sessions.find(ctx)]);
  if (!receipt?.session) return receipt;
  return signedIn?.uid === receipt.session ? receipt : undefined;
}

/** Encrypted: the code is in it. For as long as that works. */
async function write(parts: Parts, uid: string, receipt: Receipt): Promise<void> {
  const { store, names, vault, unfinished, policy } = parts;
  const key = names.receipt(uid);
  const value = JSON.stringify({ sealed: vault.encrypt(key, JSON.stringify(receipt)) });
  const ttl = policy.lifetimes.authorizationCode;
  const isNobodys = receipt.session === undefined;
  await Promise.all([
    store.write(key, value, ttl),
    isNobodys && unfinished.note({ name: key, bytes: value.length }, ttl),
  ]);
}

async function read({ store, names, vault }: Parts, uid: string): Promise<Receipt | undefined> {
  for (const key of [names, ...names.former].map(({ receipt }) => receipt(uid))) {
    const record = await store.read(key);
    if (record) return JSON.parse(vault.decrypt(key, JSON.parse(record.value).sealed));
  }
  return undefined;
}
