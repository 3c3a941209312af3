/**
 * The value of a JSON text that every parser reads alike; nothing where two could differ. Of a name that comes twice some
 * take the first and others the last: who decides by the one would let the other one be called.
 */
export function parseUnambiguously(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return repeatsAName(text) ? undefined : { value };
  } catch {
    return undefined;
  }
}

/** Of a text that is JSON. */
function repeatsAName(text: string): boolean {
  const objects: Set<string>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') objects.push(new Set());
    if (character === '}') objects.pop();
    if (character !== '"') continue;
    const end = endOfText(text, at);
    if (isName(text, end) && !isNew(objects.at(-1), JSON.parse(text.slice(at, end)))) return true;
    at = end - 1;
  }
  return false;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (' \t\r\n'.includes(text[at] ?? '-')) at += 1;
  return text[at] === ':';
}

function isNew(names: Set<string> | undefined, name: string): boolean {
  if (names?.has(name)) return false;
  names?.add(name);
  return true;
}
