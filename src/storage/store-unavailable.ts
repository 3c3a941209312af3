import { TemporarilyUnavailable } from './temporarily-unavailable.ts';

/** The store did not answer. */
export class StoreUnavailable extends TemporarilyUnavailable {
  override readonly name = 'StoreUnavailable';
  readonly code = 'STORE_UNAVAILABLE';
  readonly error_description = 'the server cannot reach its storage, try again in a moment';
}
