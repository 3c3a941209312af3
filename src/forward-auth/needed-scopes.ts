import { isOpenOperation, type Operation, operationScopes } from '@bkend/mcp-gateway/vocabulary';
import type { RequestScopes } from '../config/index.ts';

/** All that this request needs, so that one challenge asks for all of it. */
export function neededScopes(operation: Operation, isUnnamed: boolean, requests: RequestScopes): string[] {
  if (isOpenOperation(operation, requests)) return [];
  // Without a message nothing is called: it listens to a stream, or ends a session.
  const ofThisOne =
    operation.method === undefined && isUnnamed ? requests.unnamedRequests : operationScopes(operation, requests);
  return [...new Set([...requests.requiredScopes, ...ofThisOne])];
}
