/** What this process has seen lately, by name. */
interface Recall<Value> {
  get(name: string): Value | undefined;
  /** What was said longer ago than that of half of the names is forgotten in time. */
  set(name: string, value: Value): void;
}

/**
 * Some hundred bytes each; what is forgotten is read a moment later. Two halves, of which the older one goes when the other
 * is full: to look for the oldest of all passes everything that a map has forgotten since it grew last.
 */
export function createRecall<Value>(most = 10_000): Recall<Value> {
  let newer = new Map<string, Value>();
  let older = newer;
  return {
    get: (name) => newer.get(name) ?? older.get(name),
    set(name, value) {
      if (newer.size >= most / 2 && !newer.has(name)) {
        older = newer;
        newer = new Map();
      }
      newer.set(name, value);
    },
  };
}

/** Texts are strangers': long ones are not kept, and of none what it was cut from, as V8 would (a slice keeps its whole). */
const longestRemembered = 500;

/** What was made of a text lately is not made again. */
export function remember<Made>(make: (text: string) => Made, most = 1000): (text: string) => Made {
  const known = createRecall<Made>(most);
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = make(text);
    if (text.length <= longestRemembered) known.set(Buffer.from(text).toString(), made);
    return made;
  };
}
