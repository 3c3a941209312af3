import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, Middleware } from 'koa';
import { createRandomBytes } from '../random-bytes.ts';

/** What the lines of one request have in common. */
export interface RequestUnderWay {
  /** Made when somebody asks for it: most requests have nothing to tell. */
  readonly reference: string;
  /** Of the browser or the tool, as the named proxies vouch for it. */
  readonly address: string;
  /** A line with its reference was written. */
  isTold: boolean;
  /** Which check refused, where only a line for whoever looks closer has said so (R107). */
  check?: string;
}

/** The request that is being answered, for whoever tells of what happens in it. */
export interface Requests {
  readonly current: () => RequestUnderWay | undefined;
  /** Around everything that answers. `onUntold`: an answer has a reference, or is an error of ours, and no line has it. */
  observe(onUntold: OnUntold): Middleware;
}

type OnUntold = (ctx: Context, refusal: UntoldRefusal) => void;

export interface UntoldRefusal {
  readonly status: number;
  readonly detail: string;
}

export function createRequests(clientAddress: (ctx: Context) => string): Requests {
  const storage = new AsyncLocalStorage<RequestUnderWay>();
  return {
    current: () => storage.getStore(),
    observe(onUntold) {
      return function observeRequest(ctx, next) {
        const request = new Observed(ctx as Context, clientAddress);
        // For who answers within it, as `ctx.state.request.reference`.
        ctx.state.request = request;
        return storage.run(request, async () => {
          await next();
          if (isError(ctx as Context, request.isReferenceMade)) finish(ctx as Context, request, onUntold);
        });
      };
    },
  };
}

/** A page shows it, too. The body of an OAuth error is its specification's: there it stands beside. */
function finish(ctx: Context, request: RequestUnderWay, onUntold: OnUntold): void {
  ctx.set('X-Reference', request.reference);
  if (!request.isTold) onUntold(ctx, { status: ctx.status, detail: detailOf(ctx, request) });
}

/** One of ours: a host may have routes beside us. */
function isError(ctx: Context, isReferenceMade: boolean): boolean {
  if (ctx.status < 400 || ctx.respond === false) return false;
  return isReferenceMade || ctx.state.endpoint !== undefined || 'oidc' in ctx;
}

/** What costs something is found out when somebody asks. */
class Observed implements RequestUnderWay {
  isTold = false;
  check?: string;
  readonly #ctx: Context;
  readonly #clientAddress: (ctx: Context) => string;
  #reference: string | undefined;

  constructor(ctx: Context, clientAddress: (ctx: Context) => string) {
    this.#ctx = ctx;
    this.#clientAddress = clientAddress;
  }

  get address(): string {
    return this.#clientAddress(this.#ctx);
  }

  get reference(): string {
    this.#reference ??= createReference();
    return this.#reference;
  }

  get isReferenceMade(): boolean {
    return this.#reference !== undefined;
  }
}

interface ErrorBody {
  readonly error: string;
}

const isErrorBody = (body: unknown): body is ErrorBody =>
  typeof body === 'object' && body !== null && typeof (body as Partial<ErrorBody>).error === 'string';

/** Which of our endpoints refused, by what code or check; never a path, which may hold an identifier. */
function detailOf({ body, state }: Context, { check = state.check }: RequestUnderWay): string {
  const code = isErrorBody(body) ? body.error : undefined;
  return [state.endpoint ?? 'no endpoint', code, check].filter(Boolean).join(': ');
}

/** Without letters and digits that people mix up when they read them out. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

const referenceBytes = createRandomBytes(8);

function createReference(): string {
  // Some come a little more often than others: they have to differ, not to be secret.
  return Array.from(referenceBytes(), (byte) => alphabet[byte % alphabet.length]).join('');
}
