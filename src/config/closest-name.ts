const mostSlips = 2;

/** The known name that was probably meant, if one is close enough to be a slip of the hand. */
export function findClosestName(written: string, known: readonly string[]): string | undefined {
  const plain = plainSpelling(written);
  const ranked = known
    // No slip makes a name so much longer: the distance of a text of megabytes is never counted.
    .filter((name) => Math.abs(plainSpelling(name).length - plain.length) <= mostSlips)
    .map((name) => ({ name, distance: editDistance(plain, plainSpelling(name)) }))
    .sort((one, other) => one.distance - other.distance);
  const best = ranked[0];
  // Two slips, of which swapped neighbours count as two; but never half of the name, or everything short is alike.
  return best && best.distance <= mostSlips && best.distance < plain.length / 2 ? best.name : undefined;
}

// `access_token` and `accesstoken` both mean `accessToken`. Colons and stars stay: they carry meaning in scopes.
function plainSpelling(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** Levenshtein: the fewest single characters to insert, remove or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, character] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replace = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replace, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
