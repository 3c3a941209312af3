import type { RequestScopes } from '../config/index.ts';
import type { Operation } from './requested-operation.ts';

type Table = RequestScopes['tools'];

/** All that this request needs, so that one challenge asks for all of it. */
export function neededScopes(operation: Operation, isUnnamed: boolean, requests: RequestScopes): string[] {
  return [...new Set([...requests.requiredScopes, ...operationScopes(operation, isUnnamed, requests)])];
}

function operationScopes({ method, name }: Operation, isUnnamed: boolean, requests: RequestScopes) {
  // Without a message nothing is called: it listens to a stream, or ends a session.
  if (method === undefined) return isUnnamed ? requests.unnamedRequests : [];
  const ofMethod = scopesIn(requests.methods, method);
  if (method !== 'tools/call') return ofMethod;
  // A server that calls a tool without a valid name in the header is not as it should be: it must be allowed to call any.
  const ofTool = name === undefined ? Object.values(requests.tools).flat() : scopesIn(requests.tools, name);
  return [...ofMethod, ...ofTool];
}

/** `hasOwn`: a tool may be called `constructor`. */
function scopesIn(table: Table, name: string): readonly string[] {
  return (Object.hasOwn(table, name) ? table[name] : table['*']) ?? [];
}
