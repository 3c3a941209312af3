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

/** Texts are strangers': long ones are not kept. */
const longestRemembered = 500;

/** What was made of a text lately is not made again. */
export function remember<Made>(make: (text: string) => Made, most = 1000): (text: string) => Made {
  const known = createRecall<Made>(most);
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = make(text);
    if (text.length <= longestRemembered) known.set(text, made);
    return made;
  };
}
