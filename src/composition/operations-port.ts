import Koa from 'koa';
import { serveEndpoints } from '../http/index.ts';
import { createProbes, type Health, type Metrics } from '../operations/index.ts';

/** What `METRICS_PORT` serves: figures are nobody's business who is sent to the public one by a proxy. */
export function createOperations(health: Health, { serve }: Pick<Metrics, 'serve'>) {
  const app = new Koa();
  app.use(
    serveEndpoints([...createProbes(health), { name: 'metrics', path: '/metrics', methods: ['GET'], handler: serve }]),
  );
  return () => app.callback();
}
