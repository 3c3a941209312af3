import { systemClock } from '../clock.ts';
import type { Config } from '../config/index.ts';
import { createTrustedProxies } from '../http/index.ts';
import { createEvents, createLog, createReports, createRequests } from '../operations/index.ts';
import type { Parts } from './plugin.ts';

/** What time it is, whose request is answered, and where it is written down what happens. */
export function createReporting(config: Config, parts: Parts) {
  const log = parts.log ?? createLog(config.logLevel);
  const proxies = createTrustedProxies(config.trustedProxies);
  const requests = createRequests(proxies.clientAddress);
  const events = createEvents(log, requests.current);
  return { clock: parts.clock ?? systemClock, log, ...proxies, requests, events, ...createReports(events) };
}

export type Reporting = ReturnType<typeof createReporting>;
