import type { Advance } from '../../src/storage/store.ts';
import type { StoreUnderTest } from './store-under-test.ts';

export const value = '{"is":"advanced"}';

/** Records that are moved on, generation by generation. Keys share a tag, as the port demands. */
export function advancing({ one, other }: StoreUnderTest) {
  let nonces = 0;
  const advance = (name: string, from: number, changes: Partial<Advance> = {}): Advance => {
    nonces += 1;
    const record = `advanced:{${name}}`;
    const nonce = `nonce-${nonces}`;
    return { record, from, graceSeconds: 60, ttlSeconds: 100, extend: [`companion:{${name}}`], nonce, ...changes };
  };
  const begin = async (name: string, generation = 0) => {
    await one.write(`advanced:{${name}}`, value, 50);
    await one.write(`companion:{${name}}`, '{}', 10);
    for (let from = 0; from < generation; from++) await one.advance(advance(name, from));
  };
  const generationOf = async (name: string) => (await other.read(`advanced:{${name}}`))?.progress?.generation ?? 0;
  return { advance, begin, generationOf };
}
