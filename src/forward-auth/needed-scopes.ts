import type { RequestScopes } from '../config/index.ts';
import type { Operation } from './requested-operation.ts';

type Table = RequestScopes['tools'];

/**
 * Whether nobody needs to be known for this: lazy authentication, a tool that can be tried before anybody signs in. Only of
 * what names itself reliably; and of a call only by the name of the tool, whatever is said of the method.
 */
export function isOpen({ method, name }: Operation, { tools, methods }: RequestScopes): boolean {
  if (method === undefined) return false;
  if (method !== 'tools/call') return entryOf(methods, method) === 'open';
  return name !== undefined && entryOf(tools, name) === 'open';
}

/** All that this request needs, so that one challenge asks for all of it. */
export function neededScopes(operation: Operation, isUnnamed: boolean, requests: RequestScopes): string[] {
  if (isOpen(operation, requests)) return [];
  return [...new Set([...requests.requiredScopes, ...operationScopes(operation, isUnnamed, requests)])];
}

function operationScopes({ method, name }: Operation, isUnnamed: boolean, requests: RequestScopes) {
  // Without a message nothing is called: it listens to a stream, or ends a session.
  if (method === undefined) return isUnnamed ? requests.unnamedRequests : [];
  const ofMethod = scopesOf(entryOf(requests.methods, method));
  if (method !== 'tools/call') return ofMethod;
  // A server that calls a tool without a valid name in the header is not as it should be: it must be allowed to call any.
  const ofTool =
    name === undefined ? Object.values(requests.tools).flatMap(scopesOf) : scopesOf(entryOf(requests.tools, name));
  return [...ofMethod, ...ofTool];
}

/** `hasOwn`: a tool may be called `constructor`. */
function entryOf(table: Table, name: string): Table[string] | undefined {
  return Object.hasOwn(table, name) ? table[name] : table['*'];
}

function scopesOf(entry: Table[string] | undefined): readonly string[] {
  return entry === undefined || entry === 'open' ? [] : entry;
}
