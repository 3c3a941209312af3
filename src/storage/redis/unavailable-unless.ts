import { Wait } from '../patience.ts';
import { StoreUnavailable } from '../store-unavailable.ts';
import { withoutArguments } from './without-arguments.ts';

/** What the store says of a command that Redis did not answer; either way the wait is over. */
export function unavailableUnless<T>(answered: Promise<T>, wait = new Wait()): Promise<T> {
  return answered.then(
    (answer) => {
      wait.end();
      return answer;
    },
    (cause) => {
      wait.end();
      throw new StoreUnavailable(withoutArguments(cause));
    },
  );
}
