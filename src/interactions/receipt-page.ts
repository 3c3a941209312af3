import type { Context } from 'koa';
import { describeDestination } from '../clients/index.ts';
import type { Words } from '../messages/index.ts';
import { describeDuration } from './duration.ts';
import type { ReceiptPage } from './pages.ts';
import type { FlowParts } from './parts.ts';
import { presentRequester } from './present.ts';
import type { Receipt } from './receipts.ts';

type Parts = Pick<FlowParts, 'paths' | 'clock' | 'policy' | 'pages' | 'reads' | 'names' | 'identifyClient'>;

/**
 * For so long the page goes on to the tool by itself, coming from a form. Whoever reloads it later must not be carried off
 * again, with a code that the tool has redeemed.
 */
const goesOnFor = 5000;

type Outcome = ReceiptPage['outcome'];

/**
 * In place of the redirect that leads away from here: Chromium applies `form-action` to every redirect that follows a form,
 * of the tool's own server too (R104), and a tool with a scheme of its own leaves the tab as it was. This page stays in it.
 * False when there is nothing to say any more: the connection has ended meanwhile.
 */
export async function showReceipt(ctx: Context, parts: Parts, receipt: Receipt): Promise<boolean> {
  const isAnswer = ctx.query.answered !== undefined && parts.clock.now() - receipt.at < goesOnFor;
  const outcome = await findOutcome(receipt, parts, isAnswer);
  if (outcome) show(ctx, parts, receipt, outcome, isAnswer);
  return outcome !== undefined;
}

function show(ctx: Context, parts: Parts, receipt: Receipt, outcome: Outcome, goesOn: boolean): void {
  ctx.state.uiLocales = receipt.uiLocales;
  const { pages, policy, paths } = parts;
  const words = pages.words(ctx);
  const { url: href } = receipt;
  const page: ReceiptPage = {
    ...pages.frame(ctx, `receipt.${outcome}.title`),
    outcome,
    requester: presentRequester(receipt.client, href, parts),
    destination: describeDestination(href).kind,
    linkWorks: describeMinutes(policy.lifetimes.authorizationCode, words),
    // A code works once, and a second time it ends what the first one began (OAuth 2.1 §4.1.3).
    ...(outcome !== 'used' && { href, ...(goesOn && { goesOnTo: href }) }),
    ...(receipt.approved && {
      organization: receipt.approved.organization,
      duration: describeDuration(policy.lifetimes, words),
      accountHref: paths.account,
    }),
  };
  pages.show(ctx, 'receipt', page);
}

const unapproved = ({ declined }: Receipt): Outcome => (declined ? 'declined' : 'failed');

/** Names of the records that say what has become of what was approved. */
export function recordsOfOutcome({ url, approved }: Receipt, { names }: Pick<Parts, 'names'>): string[] {
  if (!approved) return [];
  const value = codeIn(url);
  const spellings = [names, ...names.former].map((each) => each.authorizationCode(approved.connection, value));
  return [names.connection(approved.connection), ...spellings];
}

async function findOutcome(
  receipt: Receipt,
  parts: Pick<Parts, 'reads' | 'names'>,
  isAnswer: boolean,
): Promise<Outcome | undefined> {
  if (!receipt.approved) return unapproved(receipt);
  // The connection may have been there before: it is this code that the tool has redeemed, or has not.
  const [connection, ...codes] = await parts.reads.read(recordsOfOutcome(receipt, parts));
  // What has ended in this moment the tool is told when it comes with the code: it waits for that.
  if (!connection) return isAnswer ? 'approved' : undefined;
  const code = codes.find((record) => record !== undefined);
  // It could not be kept: the flow is not over.
  return code && (code.takenAt === undefined ? 'approved' : 'used');
}

/** In the query, or in the fragment where the client wanted that. */
function codeIn(url: string): string {
  const { searchParams, hash } = new URL(url);
  return searchParams.get('code') ?? new URLSearchParams(hash.slice(1)).get('code') ?? '';
}

function describeMinutes(seconds: number, { say }: Words) {
  const minutes = Math.floor(seconds / 60);
  return minutes < 1 ? say('duration.seconds', { count: seconds }) : say('duration.minutes', { count: minutes });
}
