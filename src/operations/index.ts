/**
 * What an operator sees: the list of all events, log lines, references, health, metrics. Watches the provider's events;
 * decides nothing. Secrets never come here, but for the mails that development prints (`mail.printed`). Wired by the composition root.
 */
export { createEvents, type Event, type Events } from './events.ts';
export { createHealth, createProbes, type Health } from './health.ts';
export { createLog, type Log } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { createReports, reportProviderEvents, reportRevocations, reportUntoldRefusals } from './provider-events.ts';
export { createRequests } from './request.ts';
