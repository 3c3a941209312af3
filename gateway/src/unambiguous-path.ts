/**
 * What somebody else may read as another path: a backslash for a slash, an empty segment for none, `..` for the way back,
 * each also percent-encoded, once or more often; control characters. And whatever a request target has besides a path: a
 * fragment, a whole URL, bytes that are no ASCII.
 */
const SEVERAL_READINGS = [
  /^(?!\/)/,
  /[^\x21-\x7E]|[\\#]|\/\//,
  /%(?:25)*(?:2f|5c|[01][0-9a-f]|7f)/i,
  /\/(?:\.|%(?:25)*2e){1,2}(?:[/;]|%(?:25)*(?:3b|3f|23)|$)/i,
];

/** Whether every router behind reads the same segments in this path. A client's `URL` makes no other one. */
export function isUnambiguousPath(path: string): boolean {
  return !SEVERAL_READINGS.some((reading) => reading.test(path));
}

/**
 * The path as the most tolerant router compares it: without regard to case, to a slash at the end, to encoded letters, or
 * to what follows `;`, `?` or `#` in a segment. Paths that are one to any router are one after this normalisation.
 */
export function normalisedPath(path: string): string {
  const decoded = path.replace(/%(?:25)*([2-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decoded
    .replace(/[;?#][^/]*/g, '')
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '')
    .toLowerCase();
}
