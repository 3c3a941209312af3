import type { Installation } from '../connections/index.ts';
import type { FlowParts } from './parts.ts';
import type { Request } from './request.ts';
import type { Step } from './step.ts';

type Parts = Pick<FlowParts, 'cookies' | 'vault'>;

/** As long as browsers keep a cookie (RFC 6265bis §5.5), from the last approval on. */
const markLivesFor = 400 * 24 * 60 * 60 * 1000;
const form = /^[\w-]{43}$/;

/** What is approved here is approved for this installation; nothing tells a marked browser from another to its client. */
export function installationOf(step: Step, parts: Parts, { account, resource }: InstalledFor): Installation {
  return {
    accountId: account.id,
    clientId: step.client.clientId,
    mark: isMarked(step) ? (readMark(step, parts) ?? firstMark(step, parts)) : undefined,
    resources: [resource.uri, ...resource.formerly],
  };
}

type InstalledFor = Pick<Request, 'account' | 'resource'>;

/** To be called when something was approved: a browser that approved nothing is not marked. */
export function leaveMark({ ctx }: Step, { cookies }: Parts, { mark }: Installation): void {
  if (mark === undefined) return;
  ctx.cookies.set(cookies.names.installation, mark, { ...cookies.protection, maxAge: markLivesFor });
}

/** A client with one id wherever it runs. One that registered, or is configured, is its own installation. */
function isMarked({ requester }: Step): boolean {
  return requester.host !== undefined;
}

/** Only what this server signed: a mark that somebody made up is none. */
function readMark({ ctx }: Step, { cookies }: Parts): string | undefined {
  const mark = ctx.cookies.get(cookies.names.installation, { signed: true });
  return mark !== undefined && form.test(mark) ? mark : undefined;
}

/** The same in all tabs of this browser, of which several may be approved at once; it stays when the session is over. */
function firstMark({ interaction }: Step, { vault }: Parts): string {
  return vault.hash('installation mark', interaction.session?.uid ?? interaction.uid);
}
