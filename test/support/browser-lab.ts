import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContextOptions } from 'playwright-core';
import { createClock } from '../../src/clock.ts';
import type { LocalDirectory } from '../../src/directory/index.ts';
import type { Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { launchBrowser } from './browser.ts';
import { startTool } from './listening-tool.ts';
import { openBrowserFor, type PersonInBrowser } from './person-in-browser.ts';
import { startServer } from './server.ts';

export async function openBrowserLab(env: Record<string, string> = {}) {
  let answersAfter = 0;
  let ahead = 0;
  const clock = createClock(() => Date.now() + ahead * 1000);
  const store = slowly(createSqliteStore(':memory:', clock), () => answersAfter);
  const [server, browser] = await Promise.all([
    startServer({ demonstration: true, env, parts: { store, clock } }),
    launchBrowser(),
  ]);
  const tool = await startTool(server.issuer);
  const tools = [tool];
  const present: PersonInBrowser[] = [];
  return {
    server,
    directory: server.server.directory as LocalDirectory,
    tool,
    /** Another registered tool with a listener of its own. */
    async startTool(options: Parameters<typeof startTool>[1]) {
      const another = await startTool(server.issuer, options);
      tools.push(another);
      return another;
    },
    async person(email?: string, options?: BrowserContextOptions) {
      const person = await openBrowserFor(browser, email, options);
      present.push(person);
      return person;
    },
    /** Moves the clock of the server; a browser has one of its own. */
    pass(seconds: number) {
      ahead += seconds;
    },
    /** From now on the store takes so many milliseconds for each answer. */
    slowDown(ms: number) {
      answersAfter = ms;
    },
    /** Closes the windows of everyone who sat down so far. */
    async sendEveryoneHome() {
      await Promise.all(present.splice(0).map((person) => person.closes()));
    },
    async close() {
      await browser.close();
      for (const each of tools) each.close();
      await server.close();
      await store.close();
    },
  };
}

/** A whole server, a tool that wants to connect, and a real browser for whoever sits down. */
export type BrowserLab = Awaited<ReturnType<typeof openBrowserLab>>;

function slowly(store: Store, ms: () => number): Store {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      const call = (...given: unknown[]) => method.apply(target, given);
      return (...given: unknown[]) => (ms() === 0 ? call(...given) : delay(ms()).then(() => call(...given)));
    },
  });
}
