import { asProviderError } from './failed-check.ts';

/** Whatever goes wrong in it is an error of ours, which names the check and holds nothing that was received. */
export async function attempt<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asProviderError(error, where);
  }
}
