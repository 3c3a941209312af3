import { systemClock } from '../../src/clock.ts';
import { createDomain } from '../../src/composition/domain.ts';
import { createPasswordHasher } from '../../src/directory/index.ts';
import { cheapParameters } from '../support/cheap-passwords.ts';
import { createTestClock } from '../support/clock.ts';
import { createPerson, type Person } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { temporaryFolder } from '../support/process.ts';
import { startRedis } from '../support/redis.ts';
import { redirectUri, relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** What a role may grant, said a second time in other words than the policy's; `narrow` is the policy that takes away. */
export const allows = {
  acme: (scope: string, narrow: boolean) => !narrow || scope.endsWith(':read'),
  globex: (scope: string) => !scope.endsWith(':delete'),
};
export type Organization = keyof typeof allows;
export const organizations = Object.keys(allows) as Organization[];
const roles = { acme: 'owner', globex: 'member' };

/** Somebody of both organizations, in front of a browser. */
export interface Somebody {
  readonly person: Person;
  readonly accountId: string;
  readonly organizationIds: Record<Organization, string>;
}

/** One installation each. */
const tools = Array.from({ length: 3 }, (_, n) => ({
  client_id: `tool-${n}`,
  client_secret: `a secret that only tool ${n} knows`,
  redirect_uris: [redirectUri],
}));
const unlimited = { authorizationsPerMinute: 0, tokenFailuresPerMinute: 0, renewalsPerHour: 0 };
const password = 'the password of everybody';

export async function createWorld(kind: 'SQLite' | 'Redis') {
  await using resources = new AsyncDisposableStack();
  const place = kind === 'Redis' ? { REDIS_URL: resources.use(await startRedis()).url } : await database(resources);
  const { clock, pass } = kind === 'Redis' ? { clock: systemClock, pass: cannotPass } : createTestClock();
  const start = async (narrow: boolean, issuer?: string) => {
    using policy = changedPolicy({
      clients: tools,
      limits: unlimited,
      ...(narrow && { roles: { owner: { allow: ['*:read'] } } }),
    });
    const env = { ...place, ...policy.env };
    return await startServer({ env, parts: { clock }, ...(issuer && { issuer }) });
  };
  const first = await start(false);
  const nodes: TestServer[] = [first, await start(false, first.issuer), await start(false, first.issuer)];
  const narrow = [false, false, false];
  const domain = await createDomain(first.config, { clock, passwords: createPasswordHasher(cheapParameters) });
  const { store, names } = domain.storage;
  const { localDirectory } = domain;
  const ids = await Promise.all(organizations.map((slug) => localDirectory.findOrganizationBySlug(slug)));
  const organizationIds = Object.fromEntries(
    organizations.map((slug, n) => [slug, ids[n]?.id ?? '']),
  ) as Somebody['organizationIds'];
  let people = 0;
  let last: Somebody | undefined;
  let cursor: string | undefined;
  resources.defer(() => store.close());
  resources.defer(async () => {
    await Promise.all(nodes.map((node) => node.close()));
  });
  const ends = resources.move();

  return {
    domain,
    now: clock.seconds,
    pass,
    /** The tool, as it speaks to one of the nodes. */
    at: (node: number, tool: number) =>
      relyingParty(`${nodes[node]?.origin}/mcp`, tools[tool] as (typeof tools)[number]),
    isNarrow: (node: number) => narrow[node] === true,
    async restart(node: number, isNarrow: boolean) {
      await nodes[node]?.close();
      nodes[node] = await start(isNarrow, first.issuer);
      narrow[node] = isNarrow;
    },
    /** The same as before, signed in, unless they have left meanwhile. */
    async comes() {
      if (last) {
        await domain.connections.endAll({ accountId: last.accountId }, 'revoked by the operator');
        return last;
      }
      people += 1;
      const email = `person-${people}@example.com`;
      const memberships = organizations.map((slug) => ({ organizationId: organizationIds[slug], role: roles[slug] }));
      const { id } = await localDirectory.createAccount({ email, name: email, password, memberships });
      last = { person: createPerson(first.origin, { email, password }), accountId: id, organizationIds };
      return last;
    },
    /** A change waits while the one before is told (change-lock.ts): as if those seconds had passed. */
    unlock: (connectionId: string) => store.remove([names.connectionChangeLock(connectionId)]).then(() => undefined),
    async leaves({ accountId }: Somebody, organization: Organization) {
      await localDirectory.endMembership(accountId, organizationIds[organization]);
      last = undefined;
    },
    /** What the feed told since this was asked before. */
    async told() {
      const entries = await store.readFeed(names.revocations(), cursor, 1000);
      cursor = entries.at(-1)?.cursor ?? cursor;
      return entries.map(({ entry }) => JSON.parse(entry));
    },
    [Symbol.asyncDispose]: () => ends.disposeAsync(),
  };
}

/** Three nodes over one store, of which two may be started anew with another policy; on SQLite their clock is moved by hand. */
export type World = Awaited<ReturnType<typeof createWorld>>;

async function database(resources: AsyncDisposableStack) {
  return { DATABASE: `${resources.use(await temporaryFolder()).path}/auth.db` };
}

function cannotPass(): never {
  throw new Error('the clock of Redis is not moved by hand');
}
