import QuickLRU from 'quick-lru';

/** Texts are strangers': long ones are not kept, and of none what it was cut from, as V8 would (a slice keeps its whole). */
const longestKept = 500;

/** What was made of a text lately is not made again: at least of so many texts, and of fewer than twice as many (quick-lru). */
export function memoize<Made>(make: (text: string) => Made, maxSize = 500): (text: string) => Made {
  const kept = new QuickLRU<string, Made>({ maxSize });
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const made = make(text);
    if (text.length <= longestKept) kept.set(Buffer.from(text).toString(), made);
    return made;
  };
}
