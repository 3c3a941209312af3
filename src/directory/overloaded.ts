import { TemporarilyUnavailable } from '../storage/index.ts';

/** More passwords wait than can be looked at soon. */
export class PasswordsOverloaded extends TemporarilyUnavailable {
  override readonly name = 'PasswordsOverloaded';
  readonly error_description = 'too many are signing in at once, try again in a moment';

  constructor() {
    super(undefined);
  }
}
