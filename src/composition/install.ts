import type Provider from 'oidc-provider';
import { createAnswerOnce, createRouteTable, type RouteTable, reportUntrustedProxy } from '../http/index.ts';
import { createErrorHandler } from '../interactions/index.ts';
import { reportProviderEvents, reportUntoldRefusals } from '../operations/index.ts';
import { adjustProvider, forwardAuthPaths } from '../provider/index.ts';
import { createSessions } from '../sessions/index.ts';
import { allKept, holdLast, pauseRequest, whenKept } from '../storage/index.ts';
import { createAdmission, createEndpoints } from './endpoints.ts';
import type { Protocol } from './protocol.ts';
import { createReadAhead } from './read-ahead.ts';
import type { Services } from './services.ts';

/**
 * What stands in front of the provider's routes, from the outside in: whoever reports must see what the error page made of
 * an answer, and the error page what the endpoints threw.
 */
export function install(provider: Provider, services: Services, { records, issuance }: Protocol): RouteTable {
  const { requests, events, issuer } = services;
  adjustProvider(provider, { ...services, ...records, issuance });
  reportProviderEvents(provider, events, whenKept);
  provider.use(requests.observe(reportUntoldRefusals(events)));
  provider.use(reportUntrustedProxy(services, (peer) => events.emit({ event: 'proxy.untrusted', peer })));
  provider.use(createErrorHandler(services));
  const sessions = createSessions({ ...services, provider });
  const paths = { ...services.paths, ...forwardAuthPaths(issuer) };
  const { readAhead, readAnew, readNext } = createReadAhead(provider, services, records);
  const endpoints = createEndpoints({ ...services, paths, provider, sessions, readAnew, readNext });
  const answerOnce = createAnswerOnce({
    ...services,
    pause: pauseRequest,
    allKept,
    holdLast,
    readAhead,
  });
  const table = createRouteTable(endpoints, createAdmission(services), answerOnce);
  provider.use(table.serve);
  return table;
}
