import Koa from 'koa';
import { type Endpoint, serveEndpoints } from './http/index.ts';
import type { Metrics } from './operations/index.ts';

/** What `METRICS_PORT` serves: figures are nobody's business who is sent to the public one by a proxy. */
export function createOperations(probes: readonly Endpoint[], { serve }: Pick<Metrics, 'serve'>) {
  const app = new Koa();
  app.use(serveEndpoints([...probes, { name: 'metrics', path: '/metrics', methods: ['GET'], handler: serve }]));
  return () => app.callback();
}
