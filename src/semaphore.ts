/** Throws what `tooMany` makes, at once, where so many wait already. */
type Semaphore = <T>(work: () => Promise<T>, most?: { waiting: number; tooMany: () => Error }) => Promise<T>;

/** Lets at most so many work at once; the others wait, in the order in which they came. */
export function createSemaphore(permits: number): Semaphore {
  let working = 0;
  const waiting: (() => void)[] = [];

  async function acquire(): Promise<void> {
    if (working < permits) working += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Whoever waits longest takes the permit over. */
  function release(): void {
    const next = waiting.shift();
    if (next) next();
    else working -= 1;
  }

  return async (work, most) => {
    if (most && working >= permits && waiting.length >= most.waiting) throw most.tooMany();
    await acquire();
    try {
      return await work();
    } finally {
      release();
    }
  };
}
