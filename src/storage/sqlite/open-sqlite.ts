import { type Clock, systemClock } from '../../clock.ts';
import { openDatabase } from './open-database.ts';
import { SqliteStore } from './sqlite-store.ts';

/** Opens the file, or creates it; throws what the system says when that is impossible. */
export function createSqliteStore(
  file: string,
  clock: Clock = systemClock,
  onError: (error: Error) => void = () => undefined,
): SqliteStore {
  return new SqliteStore(openDatabase(file), clock, onError);
}
