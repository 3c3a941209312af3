import type { DatabaseSync } from 'node:sqlite';

export type Statements = ReturnType<typeof prepareStatements>;

const live = '(expires_at IS NULL OR expires_at > $now)';

/** Each verb is one statement, hence atomic for every process that has the file open; those that need more are transactions. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql);
  return {
    read: prepare(`SELECT value, mark FROM records WHERE key = $key AND ${live}`),
    write: prepare(`
      INSERT INTO records (key, value, expires_at) VALUES ($key, $value, $expiresAt)
      ON CONFLICT (key) DO UPDATE SET value = $value, expires_at = $expiresAt, mark = NULL`),
    writeIfAbsent: prepare(`
      INSERT INTO records (key, value, expires_at) VALUES ($key, $value, $expiresAt)
      ON CONFLICT (key) DO UPDATE SET value = $value, expires_at = $expiresAt, mark = NULL
      WHERE expires_at <= $now`),
    compareAndSet: prepare(`UPDATE records SET value = $value WHERE key = $key AND value = $expected AND ${live}`),
    mark: prepare('UPDATE records SET mark = $mark WHERE key = $key'),
    renew: prepare('UPDATE records SET mark = $mark, expires_at = $expiresAt WHERE key = $key'),
    extendRecord: prepare(`
      UPDATE records SET expires_at = $expiresAt WHERE key = $key AND expires_at > $now AND expires_at < $expiresAt`),
    remove: prepare('DELETE FROM records WHERE key = $key'),

    addMember: prepare(
      'INSERT INTO members (set_key, member, expires_at) VALUES ($key, $member, $expiresAt) ON CONFLICT DO NOTHING',
    ),
    // All members of a set expire together, as a set of Redis does.
    extendSet: prepare(`
      UPDATE members SET expires_at = max($expiresAt, (SELECT max(expires_at) FROM members WHERE set_key = $key))
      WHERE set_key = $key AND expires_at > $now`),
    forgetSet: prepare('DELETE FROM members WHERE set_key = $key AND expires_at <= $now'),
    removeSet: prepare('DELETE FROM members WHERE set_key = $key'),
    removeMember: prepare('DELETE FROM members WHERE set_key = $key AND member = $member'),
    members: prepare('SELECT member FROM members WHERE set_key = $key AND expires_at > $now'),

    count: prepare(`
      INSERT INTO counters (key, count, expires_at) VALUES ($key, 1, $expiresAt)
      ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN expires_at > $now THEN count + 1 ELSE 1 END,
        expires_at = CASE WHEN expires_at > $now THEN expires_at ELSE $expiresAt END
      RETURNING count, expires_at AS expiresAt`),
    readCount: prepare('SELECT count, expires_at AS expiresAt FROM counters WHERE key = $key AND expires_at > $now'),
    removeCounter: prepare('DELETE FROM counters WHERE key = $key'),

    // Ids grow with time, as those of Redis do: one that was given before the file was lost lies before all new ones. They
    // never go back, not even when the clock does or every entry is gone: AUTOINCREMENT remembers the last one.
    append: prepare(`
      INSERT INTO entries (id, feed, entry, expires_at) VALUES (
        1 + max($now * 1000, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'entries'), 0)),
        $feed, $entry, $expiresAt)
      RETURNING id`),
    trimFeed: prepare('DELETE FROM entries WHERE feed = $feed AND expires_at <= $now'),
    readFeed: prepare(`
      SELECT id, entry FROM entries
      WHERE feed = $feed AND expires_at > $now
        AND (id > $after OR $after > (SELECT seq FROM sqlite_sequence WHERE name = 'entries'))
      ORDER BY id LIMIT $limit`),

    ping: prepare('SELECT count(*) FROM records WHERE key = $key'),
  };
}
