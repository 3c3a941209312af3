import type { Clock } from '../clock.ts';

/** What this process did a moment ago and need not do again; the oldest is forgotten first. */
interface Recently {
  has(name: string): boolean;
  add(name: string): void;
}

const mostNames = 1000;

export function createRecently(seconds: number, clock: Clock): Recently {
  const until = new Map<string, number>();
  return {
    has: (name) => (until.get(name) ?? 0) > clock.now(),
    add(name) {
      until.delete(name);
      const [oldest] = until.size >= mostNames ? until.keys() : [];
      if (oldest !== undefined) until.delete(oldest);
      until.set(name, clock.now() + seconds * 1000);
    },
  };
}
