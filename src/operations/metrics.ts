import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly serve: Middleware;
  readonly measure: Middleware;
  /** Stops counting; nothing keeps the process alive afterwards. */
  close(): void;
}

/**
 * Prometheus, at `/metrics`. Labels are few and fixed: a label a client chooses would grow without bound. `endpoints` are
 * ours beside the provider's: by label, the path at which and below which they are.
 */
export function createMetrics(provider: Provider, endpoints: Readonly<Record<string, string>>): Metrics {
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
  const countRefusal = (_ctx: unknown, { error }: { error: string }) => refusals.inc({ error });
  provider.on('grant.error', countRefusal);
  provider.on('authorization.error', countRefusal);
  provider.on('registration_create.error', countRefusal);

  const endpointOf = createEndpointOf(endpoints);

  async function serve(ctx: Parameters<Middleware>[0]) {
    ctx.type = registry.contentType;
    ctx.body = await registry.metrics();
  }

  return {
    serve: (ctx, next) => (ctx.path === '/metrics' ? serve(ctx) : next()),
    async measure(ctx, next) {
      const stop = requests.startTimer();
      try {
        await next();
      } finally {
        stop({ endpoint: endpointOf(ctx), status: `${Math.floor(ctx.status / 100)}xx` });
      }
    },
    close: () => registry.clear(),
  };
}

/** The provider's name of the route, or ours: never a path, which may hold identifiers. */
function createEndpointOf(endpoints: Readonly<Record<string, string>>) {
  const ours = Object.entries(endpoints);
  return (ctx: Context): string => {
    const route = (ctx as Partial<KoaContextWithOIDC>).oidc?.route;
    if (route) return route;
    const found = ours.find(([, path]) => ctx.path === path || ctx.path.startsWith(`${path}/`));
    return found?.[0] ?? 'other';
  };
}
