import type { Operation } from './operations.ts';

export interface Load {
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
}

/** A closed loop: each client asks again when it was answered, until time or operations are used up. */
export async function runLoad(
  clients: readonly Operation[],
  { seconds, operations }: { seconds: number; operations: number },
): Promise<Load> {
  const latenciesMs: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  let begun = 0;
  await Promise.all(
    clients.map(async (operation) => {
      while (begun < operations && performance.now() < end) {
        begun += 1;
        const asked = performance.now();
        await operation();
        latenciesMs.push(performance.now() - asked);
      }
    }),
  );
  return { seconds: (performance.now() - start) / 1000, latenciesMs };
}
