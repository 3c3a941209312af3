import type { Turn } from './gathered-writes.ts';

interface Batch<Item, Answer> {
  readonly items: Item[];
  readonly answered: Promise<Answer>;
}

interface Parts<Item, Answer> {
  readonly turn: Pick<Turn, 'atEnd'>;
  readonly what: 'write' | 'read';
  /** Other commands wait while Redis works on one. */
  readonly most: number;
  readonly send: (items: readonly Item[]) => Promise<Answer>;
}

/** Where these are in what is sent as one, and its answer. */
type Add<Item, Answer> = (items: readonly Item[]) => { readonly from: number; readonly answered: Promise<Answer> };

/** What is asked in one turn of the event loop is sent at its end, as one. */
export function createBatches<Item, Answer>({ turn, what, most, send }: Parts<Item, Answer>): Add<Item, Answer> {
  let next: Batch<Item, Answer> | undefined;

  function begin(): Batch<Item, Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const batch: Batch<Item, Answer> = { items: [], answered: promise };
    next = batch;
    turn.atEnd(what, () => {
      if (next === batch) next = undefined;
      resolve(Promise.try(() => send(batch.items)));
    });
    return batch;
  }

  return (items) => {
    if (next && next.items.length + items.length > most) next = undefined;
    const batch = next ?? begin();
    const from = batch.items.length;
    batch.items.push(...items);
    return { from, answered: batch.answered };
  };
}
