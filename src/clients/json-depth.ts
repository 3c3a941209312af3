/** Real metadata has three levels, with a key set; whatever walks deeper ones by recursion ends with the stack. */
export const maxLevels = 16;

/** Whether what a stranger sent is nested deeper than anything needs to be. Walks without recursion, for that is the attack. */
export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxLevels) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}
