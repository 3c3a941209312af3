import { readFileSync } from 'node:fs';
import type { Clock } from '../../src/clock.ts';
import {
  type ConsoleAuditEvent,
  type ConsoleRequest,
  type ConsoleResponse,
  type ConsoleRevocation,
  createChallenges,
  createConsoleEndpoints,
  createReceiveEvents,
} from '../../src/console/index.ts';
import { aClock, aStorage, type StorageUnderTest } from './storage.ts';

export const issuer = 'https://api.example.com/mcp';
export const credential = `Basic ${Buffer.from('example-console:a secret').toString('base64')}`;

export const asked = {
  client: { name: 'Editor', host: 'editor.example', verified: true },
  redirect_host: 'localhost',
  resource: issuer,
  scopes: ['project:read'],
  ui_locales: ['ko', 'en'],
};

export const acceptance = {
  account: { id: 'u_1', email: 'a@example.com', email_verified: true, name: 'A. Person', locale: 'ko' },
  auth_time: 1_795_827_672,
  amr: ['pwd', 'otp'],
  acr: '2',
  session_id: 's_9',
  organization: 'o_7',
};

/** Ends nothing, and notes what it was to end: the verb, and of whom. */
function aRevocation(ended: string[]): ConsoleRevocation {
  const verbs = ['membershipEnded', 'roleChanged', 'accountDisabled', 'accountSignedOut', 'accountDeleted'] as const;
  const note = (verb: string) => [verb, async (...ids: string[]) => void ended.push([verb, ...ids].join(' '))];
  return Object.fromEntries([...verbs, 'organizationDeleted'].map(note));
}

interface Options {
  readonly storage?: StorageUnderTest;
  /** How long a console must wait that calls too often. */
  readonly delay?: number;
  readonly clock?: Clock;
  readonly issuer?: string;
  /** Of the console. */
  readonly credential?: string;
}

/** The endpoints over a store, and what they caused. */
export function theEndpoints({ storage = aStorage(), delay, clock = aClock(), ...more }: Options = {}) {
  const known = { issuer, credential, ...more };
  const challenges = createChallenges(storage, clock);
  const audit: ConsoleAuditEvent[] = [];
  const ended: string[] = [];
  const forgotten: string[] = [];
  const revocation = aRevocation(ended);
  const endpoints = createConsoleEndpoints({
    issuer: known.issuer,
    challenges,
    receiveEvents: createReceiveEvents({ storage, revocation, forgetAccount: (id) => forgotten.push(id) }),
    clock,
    findConsole: async ({ authorization }) => (authorization === known.credential ? 'example-console' : undefined),
    findDelay: async () => delay,
    onAudit: (event) => audit.push(event),
  });
  const createChallenge = (more: object = {}) =>
    challenges.create({ interactionUid: 'interaction-1', lifetimeSeconds: 3600, asked: { ...asked, ...more } });
  return { clock, challenges, endpoints, revocation, audit, ended, forgotten, createChallenge };
}

/** As a console sends it; a text is sent as it is. */
export function sent(body: unknown, more: Partial<ConsoleRequest> = {}): ConsoleRequest {
  return {
    authorization: credential,
    contentType: 'application/json',
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    address: '192.0.2.7',
    challenge: '',
    ...more,
  };
}

/** What is wrong, as `path sentence`. */
export function errorsOf({ body }: ConsoleResponse): string[] {
  const { errors = [] } = body as { errors?: { path: string; sentence: string }[] };
  return errors.map(({ path, sentence }) => `${path} ${sentence}`);
}

const document = JSON.parse(readFileSync('config/console-openapi.json', 'utf8'));

/** The statuses that the OpenAPI document has for an operation. */
export function documentedStatuses(operationId: string): number[] {
  const operations = Object.values<Record<string, { operationId?: string; responses?: object }>>(document.paths);
  const operation = operations.flatMap((path) => Object.values(path)).find((each) => each.operationId === operationId);
  return Object.keys(operation?.responses ?? {}).map(Number);
}
