import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Events } from './events.ts';
import type { Health } from './health.ts';

export interface Metrics {
  serve(ctx: Context): Promise<void>;
  readonly measure: Middleware;
  /** Stops counting; nothing keeps the process alive afterwards. */
  close(): void;
}

interface MetricsParts {
  readonly events: Events;
  readonly health: Pick<Health, 'evictedKeys'>;
}

/** Prometheus, at `/metrics`. Labels are few and fixed: a label a client chooses would grow without bound. */
export function createMetrics(provider: Provider, { events, health }: MetricsParts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'mcp_auth_request_seconds',
    help: 'Requests by endpoint and status',
    labelNames: ['endpoint', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'mcp_auth_refusals_total',
    help: 'Refused requests by OAuth error',
    labelNames: ['error'],
    registers: [registry],
  });
  const unsubscribes = [
    observeDirectory(registry, events),
    observeIdentityProviders(registry, events),
    observeMail(registry, events),
  ];
  new Gauge({
    name: 'mcp_auth_store_evicted_keys',
    help: 'Records that Redis has thrown away since it runs: connections and revocations among them',
    registers: [registry],
    collect() {
      this.set(health.evictedKeys);
    },
  });
  const countRefusal = (_ctx: unknown, { error }: { error: string }) => refusals.inc({ error });
  provider.on('grant.error', countRefusal);
  provider.on('authorization.error', countRefusal);
  provider.on('registration_create.error', countRefusal);

  return {
    async serve(ctx) {
      ctx.type = registry.contentType;
      ctx.body = await registry.metrics();
    },
    async measure(ctx, next) {
      const stop = requests.startTimer();
      try {
        await next();
      } finally {
        stop({ endpoint: endpointOf(ctx as Context), status: `${Math.floor(ctx.status / 100)}xx` });
      }
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      registry.clear();
    },
  };
}

const directoryBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4];

/** Identity providers: how long each takes, what comes of it, and what kept people from signing in there. */
function observeIdentityProviders(registry: Registry, events: Events): () => void {
  const registers = [registry];
  const calls = new Histogram({
    name: 'mcp_auth_identity_provider_seconds',
    help: 'Requests to identity providers by what came of them',
    labelNames: ['provider', 'outcome'],
    buckets: directoryBuckets,
    registers,
  });
  const failures = new Counter({
    name: 'mcp_auth_identity_provider_failures_total',
    help: 'Sign-ins at identity providers that came to nothing, by the reason that a person was told',
    labelNames: ['provider', 'reason'],
    registers,
  });
  return events.subscribe(
    (event) => {
      if (event.event === 'identity_provider.call')
        calls.observe({ provider: event.provider, outcome: event.outcome }, event.seconds);
      // Configured names only: without one, somebody made the way back up.
      if (event.event === 'identity_provider.refused')
        failures.inc({ provider: event.provider ?? 'none', reason: event.reason });
    },
    ['identity_provider.call', 'identity_provider.refused'],
  );
}

/** The console that has the accounts: how long it takes, what comes of it, and whether it is asked at all. */
function observeDirectory(registry: Registry, events: Events): () => void {
  const registers = [registry];
  const calls = new Histogram({
    name: 'mcp_auth_directory_seconds',
    help: 'Questions to the console by what they were about and what came of them',
    labelNames: ['question', 'outcome'],
    buckets: directoryBuckets,
    registers,
  });
  const failures = new Counter({
    name: 'mcp_auth_directory_failures_total',
    help: 'Questions to the console that nothing believable came of',
    labelNames: ['question'],
    registers,
  });
  const breaker = new Gauge({
    name: 'mcp_auth_directory_breaker_open',
    help: '1 while the console is not asked because it did not answer',
    registers,
  });
  return events.subscribe(
    (event) => {
      if (event.event === 'directory.breaker') breaker.set(event.state === 'open' ? 1 : 0);
      if (event.event !== 'directory.call') return;
      const { question, outcome, seconds } = event;
      calls.observe({ question, outcome }, seconds);
      if (outcome === 'unavailable' || outcome === 'believed') failures.inc({ question });
    },
    ['directory.breaker', 'directory.call'],
  );
}

/** Whether people get what is mailed to them; by what it is about. */
function observeMail(registry: Registry, events: Events): () => void {
  const mails = new Counter({
    name: 'mcp_auth_mails_total',
    help: 'Mails by what they were about and what came of them',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  });
  return events.subscribe(
    (event) => {
      if (event.event === 'mail.sent' || event.event === 'mail.failed')
        mails.inc({ kind: event.kind, outcome: event.event === 'mail.sent' ? 'sent' : 'failed' });
    },
    ['mail.sent', 'mail.failed'],
  );
}

/** The name that the route has in our table, or the provider has for it: never a path, which may hold identifiers. */
function endpointOf(ctx: Context): string {
  return ctx.state.endpoint ?? (ctx as Partial<KoaContextWithOIDC>).oidc?.route ?? 'other';
}
