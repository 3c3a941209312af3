/** What a message of MCP asks for: a method (`tools/call`), and of what (the name of the tool). */
export interface Operation {
  readonly method?: string;
  readonly name?: string;
}

/** By name, with `*` for every other one: the scopes that are needed, or that not even a token is. */
export type RequirementTable = Readonly<Record<string, 'open' | readonly string[]>>;

export interface Requirements {
  readonly tools: RequirementTable;
  readonly methods: RequirementTable;
}

/** Whoever may connect may say so, ask whether anybody is there, and take back what was asked for: it discloses nothing. */
const partsOfConnecting = ['server/discover', 'notifications/initialized', 'notifications/cancelled', 'ping'];

/**
 * Whether nobody needs to be known for this: lazy authentication, a tool that can be tried before anybody signs in. Only of
 * what names itself reliably; and of a call only by the name of the tool, whatever is said of the method.
 */
export function isOpenOperation({ method, name }: Operation, { tools, methods }: Requirements): boolean {
  if (method === undefined) return false;
  if (method !== 'tools/call') return methodEntry(methods, method) === 'open';
  return name !== undefined && entryOf(tools, name) === 'open';
}

/** What this operation needs beside what all do. */
export function operationScopes(operation: Operation, { tools, methods }: Requirements): string[] {
  const { method, name } = operation;
  if (method === undefined || isOpenOperation(operation, { tools, methods })) return [];
  const ofMethod = scopesOf(methodEntry(methods, method));
  if (method !== 'tools/call') return ofMethod;
  // A call of a tool without a valid name is not as it should be: it must be allowed to call any.
  const ofTool = name === undefined ? Object.values(tools).flatMap(scopesOf) : scopesOf(entryOf(tools, name));
  return [...ofMethod, ...ofTool];
}

/** What there is to need at all: for a message of which nobody can tell what it asks for. */
export function scopesOfEveryOperation({ tools, methods }: Requirements): string[] {
  return [...Object.values(methods), ...Object.values(tools)].flatMap(scopesOf);
}

function methodEntry(methods: RequirementTable, method: string): RequirementTable[string] | undefined {
  const isPart = partsOfConnecting.includes(method) && !Object.hasOwn(methods, method);
  return isPart && entryOf(methods, 'initialize') === 'open' ? 'open' : entryOf(methods, method);
}

/** `hasOwn`: a tool may be called `constructor`. */
function entryOf(table: RequirementTable, name: string): RequirementTable[string] | undefined {
  return Object.hasOwn(table, name) ? table[name] : table['*'];
}

function scopesOf(entry: RequirementTable[string] | undefined): string[] {
  return entry === undefined || entry === 'open' ? [] : [...entry];
}
