import type { DatabaseSync, StatementSync } from 'node:sqlite';

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

    ...prepareSets(prepare),
    ...prepareLists(prepare),

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

type Prepare = (sql: string) => StatementSync;

/**
 * All members of a set expire together, as a set of Redis does: when the last of its rows expires. So a longer life of the
 * set is written to one row, however many there are; the others are brought up when they are swept.
 */
function prepareSets(prepare: Prepare) {
  const setExpiry = 'SELECT max(expires_at) FROM members WHERE set_key = $key';
  const isLive = `(${setExpiry}) > $now`;
  return {
    addMember: prepare(`
      INSERT INTO members (set_key, member, expires_at)
      VALUES ($key, $member, max($expiresAt, coalesce((${setExpiry}), 0)))
      ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at`),
    extendSet: prepare(`
      UPDATE members SET expires_at = $expiresAt WHERE set_key = $key AND expires_at > $now AND expires_at < $expiresAt
        AND member = (SELECT member FROM members WHERE set_key = $key ORDER BY expires_at DESC LIMIT 1)`),
    forgetSet: prepare(`DELETE FROM members WHERE set_key = $key AND NOT ${isLive}`),
    removeSet: prepare('DELETE FROM members WHERE set_key = $key'),
    /** For another member, when the one that goes may be the one that holds the life of the set. */
    bequeathSet: prepare(`
      UPDATE members SET expires_at = (${setExpiry}) WHERE set_key = $key
        AND member = (SELECT member FROM members WHERE set_key = $key AND member <> $member LIMIT 1)`),
    removeMember: prepare('DELETE FROM members WHERE set_key = $key AND member = $member'),
    members: prepare(`SELECT member FROM members WHERE set_key = $key AND ${isLive} LIMIT $limit`),
  };
}

function prepareLists(prepare: Prepare) {
  return {
    enlist: prepare(`
      INSERT INTO list_members (list_key, member, position, due_at, expires_at)
      VALUES ($list, $member, $position, $dueAt, $expiresAt)
      ON CONFLICT DO UPDATE SET position = $position, due_at = $dueAt, expires_at = $expiresAt`),
    postpone: prepare(`
      UPDATE list_members SET position = $position, due_at = $dueAt, expires_at = $expiresAt
      WHERE list_key = $list AND member = $member AND expires_at > $now`),
    unlist: prepare('DELETE FROM list_members WHERE list_key = $list AND member = $member'),
    countListed: prepare('SELECT count FROM list_counts WHERE list_key = $list'),
    readListFrom: prepare(`
      SELECT member, position FROM list_members WHERE list_key = $list AND expires_at > $now
      ORDER BY position DESC, member DESC LIMIT $limit OFFSET $from`),
    readListAfter: prepare(`
      SELECT member, position FROM list_members
      WHERE list_key = $list AND (position, member) < ($position, $member) AND expires_at > $now
      ORDER BY position DESC, member DESC LIMIT $limit`),
    // Those who should have left are due as well, until they are swept: the count says so.
    countDue: prepare('SELECT count(*) AS count FROM list_members WHERE list_key = $list AND due_at <= $now'),
    readDue: prepare(`
      SELECT member FROM list_members WHERE list_key = $list AND due_at <= $now ORDER BY due_at LIMIT $limit`),
  };
}
