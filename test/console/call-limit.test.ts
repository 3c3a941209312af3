import { describe, expect, it } from '@jest/globals';
import { createCallLimit } from '../../src/console/index.ts';

describe('calls of a console', () => {
  const limitAt = (count: number, secondsLeft: number) =>
    createCallLimit({
      store: { count: async (name, ttl) => ({ count: name === 'calls:ours' && ttl === 60 ? count : 1, secondsLeft }) },
      names: { consoleCalls: (client) => `calls:${client}` },
    });

  it('are answered up to 6,000 in a minute', async () => {
    expect(await limitAt(6_000, 30)('ours')).toBeUndefined();
  });

  it('wait for the end of that minute from then on, a second at least', async () => {
    expect(await limitAt(6_001, 30)('ours')).toBe(30);
    expect(await limitAt(6_001, 0)('ours')).toBe(1);
  });

  it('are counted for each of its clients by itself', async () => {
    expect(await limitAt(6_001, 30)('another')).toBeUndefined();
  });
});
