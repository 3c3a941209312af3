import type { Context } from 'koa';
import { createAnswerOnce, createRouteTable, seeOther } from '../../src/http/index.ts';
import {
  allKept,
  asOneRequest,
  createRecordNames,
  createRequestReads,
  createVault,
  holdLast,
  keepMeanwhile,
  pauseRequest,
} from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { createTestClock } from '../support/clock.ts';
import { serveKoa } from '../support/koa-app.ts';
import { shared } from '../support/shared.ts';

const { clock, pass } = createTestClock();

export { pass };
export const store = createSqliteStore(':memory:', clock);
shared(() => store);

/** Until the end of a block the store does this in place of what it does. */
export function instead(verbs: Partial<typeof store>): Disposable {
  const { exchange, read, write } = store;
  Object.assign(store, verbs);
  return { [Symbol.dispose]: () => Object.assign(store, { exchange, read, write }) };
}

/** What each address was asked to do so far. */
export const done: string[] = [];
const note = (ctx: Context) => done.push(ctx.path);
const actions: Record<string, (ctx: Context) => unknown> = {
  '/page': (ctx) => {
    ctx.body = `page ${note(ctx)}`;
    ctx.set('X-Note', 'kept');
  },
  '/onwards': (ctx) => {
    ctx.cookies.set('session', `s${note(ctx)}`);
    seeOther(ctx, '/next');
  },
  '/wrong': (ctx) => {
    ctx.status = 422;
    ctx.body = `wrong ${note(ctx)}`;
  },
  '/large': (ctx) => {
    ctx.body = 'x'.repeat(33 * 1024);
  },
  '/once-broken': async (ctx) => {
    note(ctx);
    ctx.body = 'now it works';
    if (done.filter((path) => path === ctx.path).length === 1) ctx.throw(503);
  },
  '/once-not-kept': async (ctx) => {
    note(ctx);
    ctx.body = 'it is kept';
    const isFirst = done.filter((path) => path === ctx.path).length === 1;
    await keepMeanwhile(isFirst ? Promise.reject(new Error('the store is away')) : Promise.resolve());
  },
  '/broken': (ctx) => {
    note(ctx);
    ctx.throw(503);
  },
};

/** A node; all of them have the same store. `own`: other parts than it has. */
export async function startNode(own: Partial<Parameters<typeof createAnswerOnce>[0]> = {}) {
  const vault = createVault('a secret that only tests may know');
  const names = createRecordNames('test:', vault);
  const cookies = { names: { session: 'session', browser: 'browser', language: 'language' } } as never;
  const endpoints = Object.entries(actions).flatMap(([path, handler]) => [
    { name: 'form', path, methods: ['POST'], once: 'form' as const, handler },
    { name: 'visit', path, methods: ['GET'], once: 'visit' as const, handler },
  ]);
  return serveKoa(
    createRouteTable(
      endpoints,
      (_ctx, next) => asOneRequest(next),
      createAnswerOnce({
        store,
        names,
        vault,
        cookies,
        allKept,
        holdLast,
        readAhead: () => undefined,
        reads: createRequestReads(store),
        pause: pauseRequest,
        ...own,
      }),
    ).serve,
  );
}
