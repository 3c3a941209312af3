import { describe, expect, it } from '@jest/globals';
import { connect } from '../support/connect.ts';
import { eventually, untilReady } from '../support/eventually.ts';
import { startSentinelGroup } from '../support/redis-groups.ts';
import { createRedisProtection } from '../support/redis-protection.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** Written whenever somebody asks whether the server is ready. */
const probe = 'bkend:probe:{health}';

describe('behind Sentinels, with TLS and users of their own, a primary', () => {
  const protection = shared(createRedisProtection, (it) => it[Symbol.dispose]());
  const group = shared(() => startSentinelGroup(protection));
  const server = shared(() => startServer({ env: group.env }));

  it('that is killed is left for the one that takes over', async () => {
    const { client, refreshToken } = await connect(server);
    expect(server.logLines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
    const [former] = await group.primaries();
    await group.fail(former as NonNullable<typeof former>, 'killed');
    await untilReady(server);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  it('that was replaced while it lives is left at once: what it goes on taking would be thrown away', async () => {
    const [former] = await group.primaries();
    // Nothing but the word of the Sentinels says so: it never becomes a replica, and nobody misses one.
    await former?.command('ACL', 'SETUSER', 'default', '-replicaof', '-slaveof');
    for (const member of group.members.filter(({ isAway }) => !isAway))
      await member.command('CONFIG', 'SET', 'min-replicas-to-write', 0);
    await group.replace(former as NonNullable<typeof former>);
    const [next] = await group.primaries();
    await next?.command('DEL', probe);
    await eventually(async () => {
      await fetch(`${server.origin}/readyz`);
      return (await next?.command('EXISTS', probe)) === 1;
    });
    expect(String(await former?.command('INFO', 'replication'))).toContain('role:master');
  });
});
