import QuickLRU from 'quick-lru';
import type { Clock } from '../clock.ts';

/** What this process did a moment ago and need not do again. */
interface Recently {
  has(name: string): boolean;
  add(name: string): void;
}

const maxNames = 500;

export function createRecently(seconds: number, clock: Clock): Recently {
  const until = new QuickLRU<string, number>({ maxSize: maxNames });
  return {
    has: (name) => (until.get(name) ?? 0) > clock.now(),
    add: (name) => void until.set(name, clock.now() + seconds * 1000),
  };
}
