/** The least that argon2 allows: tests are about decisions, not about the cost of one computation. */
export const cheapParameters = { memoryKiB: 8, passes: 1, parallelism: 1 };
