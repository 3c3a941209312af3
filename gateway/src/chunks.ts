/** Pieces of a body, until they are wanted as one. */
export function createChunks() {
  let chunks: Uint8Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(chunk: Uint8Array): void {
      chunks.push(chunk);
      length += chunk.length;
    },
    take(): Uint8Array<ArrayBuffer> {
      const all = concatenate(chunks, length);
      [chunks, length] = [[], 0];
      return all;
    },
  };
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
