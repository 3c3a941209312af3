import type { Body } from './body.ts';
import { parseUnambiguously } from './unambiguous-json.ts';
import type { Operation } from './vocabulary/index.ts';

type Members = Readonly<Record<string, unknown>>;

const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

/**
 * What a body asks for, one message or a batch of them (2025-03-26); nothing where that cannot be told for certain, be it
 * that two readers could see different messages.
 */
export function findOperations(body: Body): readonly Operation[] | undefined {
  const parsed = 'text' in body ? parseUnambiguously(body.text) : body;
  if (parsed === undefined || !('value' in parsed)) return undefined;
  const { value } = parsed;
  const messages = Array.isArray(value) ? value : [value];
  return messages.length > 0 && messages.every(isMessage) ? messages.map(operationOf) : undefined;
}

/** A request, a notification, or the client's answer to a question of the server. */
function isMessage(message: unknown): message is Members {
  if (!isObject(message) || !hasOnlyExact(message, MEMBERS)) return false;
  if (Object.hasOwn(message, 'method')) return typeof message.method === 'string' && hasPlainParameters(message);
  return Object.hasOwn(message, 'id') && (Object.hasOwn(message, 'result') || Object.hasOwn(message, 'error'));
}

function hasPlainParameters({ params }: Members): boolean {
  return params === undefined || params === null || (isObject(params) && hasOnlyExact(params, ['name']));
}

function operationOf({ method, params }: Members): Operation {
  if (typeof method !== 'string') return {};
  const name = isObject(params) ? params.name : undefined;
  return { method, ...(typeof name === 'string' && { name }) };
}

/** Some parsers (Go's) take `Method` for `method`, and even `ſ` for `s`. */
function hasOnlyExact(object: Members, names: readonly string[]): boolean {
  return Object.keys(object).every((key) => {
    const folded = key.toUpperCase().toLowerCase();
    return key === folded || !names.includes(folded);
  });
}

export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
