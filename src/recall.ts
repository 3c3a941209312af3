/** What this process has seen lately, by name: a guess at what is going to be asked, never an answer. */
interface Recall<Value> {
  get(name: string): Value | undefined;
  /** The oldest is forgotten first. */
  set(name: string, value: Value): void;
}

/** Some hundred bytes each; what is forgotten is read a moment later. */
export function createRecall<Value>(most = 10_000): Recall<Value> {
  const known = new Map<string, Value>();
  return {
    get: (name) => known.get(name),
    set(name, value) {
      known.delete(name);
      const [oldest] = known.size >= most ? known.keys() : [];
      if (oldest !== undefined) known.delete(oldest);
      known.set(name, value);
    },
  };
}
