/**
 * What an operator sees: log lines, references, health, metrics. Watches the provider's events; decides nothing.
 * Secrets never come here. Wired by the composition root.
 */
export { logProviderEvents, logRevocations } from './events.ts';
export { serveHealth } from './health.ts';
export { createLog, type Log } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { assignReference } from './reference.ts';
