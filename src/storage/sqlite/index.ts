/**
 * The embedded store: one file, nothing to install, several processes of one machine at once. Decides how records look in
 * SQLite and when expired ones leave the file; does not know what is kept.
 */
export { type Backup, BackupRefused, backUp } from './backup.ts';
export { createSqliteStore } from './open-sqlite.ts';
