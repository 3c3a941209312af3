import type { Body, BodyError } from './body.ts';
import { findOperations } from './messages.ts';
import type { LazyProtectionOptions } from './protection-options.ts';
import type { RequestInfo } from './request-info.ts';
import {
  isOpenOperation,
  type Operation,
  operationScopes,
  type Requirements,
  type RequirementTable,
  scopesOfEveryOperation,
} from './vocabulary/index.ts';

/** What a request needs: nobody, or somebody with these scopes. */
export interface Demand {
  readonly isOpen: boolean;
  readonly scopes: readonly string[];
  /** Whether its answer may hold a list of tools. */
  readonly listsTools: boolean;
}

interface Demands {
  /** Whether there is something for whoever has no token. */
  readonly hasOpen: boolean;
  /** Whether a client may connect without one. */
  readonly isConnectingOpen: boolean;
  find(request: RequestInfo, isAtResource: boolean): Promise<Demand | Exclude<BodyError, 'unreadable'>>;
  /** What a call of this tool needs altogether. */
  ofTool(name: string): readonly string[];
}

const WITHOUT_MESSAGE = ['GET', 'HEAD', 'DELETE', 'OPTIONS'];

/** As much as the official server reads. */
const LIMITS = { maxBodyBytes: 4 * 1024 * 1024, maxBodySeconds: 30 };

/** What the tables of the options say about a request. Without tables nothing is read, and every request needs `scopes`. */
export function createDemands(options: LazyProtectionOptions): Demands {
  const always = options.scopes;
  const requirements: Requirements = { tools: options.tools ?? {}, methods: options.methods ?? {} };
  const hasTables = options.tools !== undefined || options.methods !== undefined;
  const { maxBodyBytes = LIMITS.maxBodyBytes, maxBodySeconds = LIMITS.maxBodySeconds } = options;
  // A stream may tell again what was listed on another one (`Last-Event-ID`).
  const withoutMessage: Demand = { isOpen: false, scopes: always, listsTools: true };
  const unclear: Demand = { ...withoutMessage, scopes: [...always, ...scopesOfEveryOperation(requirements)] };

  function scopesOf(operation: Operation): string[] {
    return isOpenOperation(operation, requirements) ? [] : [...always, ...operationScopes(operation, requirements)];
  }

  /** Of all its messages: a harmless one opens nothing for its neighbour. */
  function demandOf(body: Body): Demand {
    const operations = findOperations(body);
    if (operations === undefined) return unclear;
    return {
      isOpen: operations.every((operation) => isOpenOperation(operation, requirements)),
      scopes: operations.flatMap(scopesOf),
      listsTools: operations.some(({ method }) => method === 'tools/list'),
    };
  }

  return {
    hasOpen: [requirements.tools, requirements.methods].some(listsOpen),
    isConnectingOpen: isOpenOperation({ method: 'initialize' }, requirements),
    ofTool: (name) => scopesOf({ method: 'tools/call', name }),
    async find(request, isAtResource) {
      if (!hasTables || WITHOUT_MESSAGE.includes(request.method ?? '')) return withoutMessage;
      const bodies = await request.readBodies({ maxBodyBytes, maxBodySeconds });
      const error = bodies.map(errorOf).find((each) => each === 'too long' || each === 'too slow');
      if (error !== undefined) return error;
      const demands = bodies.map(demandOf);
      return {
        // At another path the same words may reach another handler.
        isOpen: isAtResource && demands.every(({ isOpen }) => isOpen),
        scopes: unique([...(isAtResource ? [] : always), ...demands.flatMap(({ scopes }) => scopes)]),
        listsTools: demands.some(({ listsTools }) => listsTools),
      };
    },
  };
}

function errorOf(body: Body): BodyError | undefined {
  return 'error' in body ? body.error : undefined;
}

function listsOpen(table: RequirementTable): boolean {
  return Object.values(table).includes('open');
}

function unique(scopes: readonly string[]): string[] {
  return [...new Set(scopes)];
}
