import { currentRequest, type UnitOfWork } from './current-request.ts';
import type { StoredRecord } from './store.ts';

/**
 * The records of one browser are one unit of work for a request: each is read once, or as the request has written it,
 * written once, and all when the request ends. What is new comes first; what was there before is changed and removed when
 * that is kept. So a request whose new records cannot be kept has changed nothing, and can be made again. Outside of a
 * request everything is done at once.
 */
export function findHeld(name: string): { readonly record: StoredRecord | undefined } | undefined {
  const { held, stored } = currentUnit() ?? {};
  const record = stored?.get(name);
  return held?.get(name) ?? (record && { record });
}

/** Nothing where it has neither read nor written. */
function currentUnit(): UnitOfWork | undefined {
  const request = currentRequest();
  return request?.hasUnit ? request.unit : undefined;
}

/** So it is in the store. */
export function noteStored(name: string, record: StoredRecord): void {
  currentRequest()?.unit.stored.set(name, record);
}

/** What was read may have been changed meanwhile, and is read anew. */
export function forgetStored(name: string): void {
  const stored = currentUnit()?.stored;
  if (stored?.has(name)) stored.set(name, undefined);
}

export async function holdWrite(name: string, value: string, write: () => Promise<unknown>): Promise<void> {
  const request = currentRequest();
  if (!request) return void (await write());
  request.unit.held.set(name, { record: { value }, write });
}

/** Holds back a write that points to new records (an index, a kept answer) until those are stored. */
export async function holdLast(name: string, write: () => Promise<unknown>): Promise<void> {
  const request = currentRequest();
  if (!request) return void (await write());
  request.unit.held.set(name, { record: undefined, write });
}

/** What is held of it is not meant any more. */
export function dropHeld(name: string): void {
  currentUnit()?.held.delete(name);
}

/** A record that is only held goes without a word. */
export async function holdRemoval(name: string, remove: () => Promise<unknown>): Promise<void> {
  const request = currentRequest();
  if (!request) return void (await remove());
  const { held, stored } = request.unit;
  const isOnlyHeld = held.get(name)?.record !== undefined && !stored.has(name);
  if (isOnlyHeld) held.delete(name);
  else held.set(name, { record: undefined, write: remove });
}

/** Begins to write what is new, or all the rest. */
export function writeHeld({ held, stored }: UnitOfWork, which: 'new' | 'rest'): Promise<unknown>[] {
  const chosen = [...held].filter(([name, { record }]) => which === 'rest' || (record && !stored.has(name)));
  return chosen.map(([name, { record, write }]) => {
    held.delete(name);
    if (record) stored.set(name, record);
    else stored.delete(name);
    return write();
  });
}
