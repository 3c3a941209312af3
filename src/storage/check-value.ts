/**
 * Values are JSON objects: the Redis store tells a record with a mark in front, `t… {…}`, from one without, `{…}`, by its
 * first character. Nothing deeper is looked at; whoever writes has just serialized.
 */
export function checkValue(value: string): void {
  if (typeof value !== 'string' || !value.startsWith('{') || !value.endsWith('}')) {
    throw new TypeError('a stored value must be the text of a JSON object');
  }
}

/** What takes a place is there for a while: Redis would refuse it otherwise, and with it what others write in the same turn. */
export function checkExchanged(value: string, ttlSeconds: number): void {
  checkValue(value);
  if (!(ttlSeconds > 0)) throw new RangeError('what is exchanged must live for some time');
}
