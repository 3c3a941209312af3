import { createDomain, type Domain } from '../../src/composition.ts';
import { createPasswordHasher } from '../../src/directory/index.ts';
import { createTestClock } from '../support/clock.ts';
import { createPerson, type Person } from '../support/person.ts';
import { changedPolicy } from '../support/policy.ts';
import { temporaryFolder } from '../support/process.ts';
import { type RelyingParty, redirectUri, relyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** What a role may grant, said a second time in other words than the policy's; `narrow` is the policy that takes away. */
export const allows = {
  acme: (scope: string, narrow: boolean) => !narrow || scope.endsWith(':read'),
  globex: (scope: string) => !scope.endsWith(':delete'),
};
export type Organization = keyof typeof allows;
export const organizations = Object.keys(allows) as Organization[];
const roles = { acme: 'owner', globex: 'member' };

/** Three nodes over one file, of which two may be started anew with another policy; their clock is moved by hand. */
export interface World extends AsyncDisposable {
  readonly domain: Domain;
  now(): number;
  pass(seconds: number): void;
  /** The tool, as it speaks to one of the nodes. */
  at(node: number): RelyingParty;
  isNarrow(node: number): boolean;
  restart(node: number, narrow: boolean): Promise<void>;
  /** The same as before, signed in, unless they have left meanwhile. */
  comes(): Promise<Somebody>;
  leaves(somebody: Somebody, organization: Organization): Promise<void>;
  /** What the feed told since this was asked before. */
  told(): Promise<Record<string, unknown>[]>;
}

/** Somebody of both organizations, in front of a browser. */
export interface Somebody {
  readonly person: Person;
  readonly accountId: string;
  readonly organizationIds: Record<Organization, string>;
}

const tool = { client_id: 'tool', client_secret: 'a secret that only the tool knows', redirect_uris: [redirectUri] };
const unlimited = { authorizationsPerMinute: 0, tokenFailuresPerMinute: 0, renewalsPerHour: 0 };
const passwords = createPasswordHasher({ memoryKiB: 8, passes: 1, parallelism: 1 });
const password = 'the password of everybody';

export async function createWorld(): Promise<World> {
  const folder = await temporaryFolder();
  const { clock, pass } = createTestClock();
  const start = async (narrow: boolean, issuer?: string) => {
    using policy = changedPolicy({
      clients: [tool],
      limits: unlimited,
      ...(narrow && { roles: { owner: { allow: ['*:read'] } } }),
    });
    const env = { DATABASE: `${folder.path}/auth.db`, ...policy.env };
    return await startServer({ env, parts: { clock, passwords }, ...(issuer && { issuer }) });
  };
  const first = await start(false);
  const nodes: TestServer[] = [first, await start(false, first.issuer), await start(false, first.issuer)];
  const narrow = [false, false, false];
  const domain = await createDomain(first.config, { clock, passwords });
  const { store, names } = domain.storage;
  const { localDirectory } = domain;
  const ids = await Promise.all(organizations.map((slug) => localDirectory.findOrganizationBySlug(slug)));
  const organizationIds = Object.fromEntries(
    organizations.map((slug, n) => [slug, ids[n]?.id ?? '']),
  ) as Somebody['organizationIds'];
  let people = 0;
  let last: Somebody | undefined;
  let cursor: string | undefined;

  return {
    domain,
    now: clock.seconds,
    pass,
    at: (node) => relyingParty(`${nodes[node]?.origin}/mcp`, tool),
    isNarrow: (node) => narrow[node] === true,
    async restart(node, isNarrow) {
      await nodes[node]?.close();
      nodes[node] = await start(isNarrow, first.issuer);
      narrow[node] = isNarrow;
    },
    async comes() {
      if (last) return last;
      people += 1;
      const email = `person-${people}@example.com`;
      const memberships = organizations.map((slug) => ({ organizationId: organizationIds[slug], role: roles[slug] }));
      const { id } = await localDirectory.createAccount({ email, name: email, password, memberships });
      last = { person: createPerson(first.origin, { email, password }), accountId: id, organizationIds };
      return last;
    },
    async leaves({ accountId }, organization) {
      await localDirectory.endMembership(accountId, organizationIds[organization]);
      last = undefined;
    },
    async told() {
      const entries = await store.readFeed(names.revocations(), cursor, 1000);
      cursor = entries.at(-1)?.cursor ?? cursor;
      return entries.map(({ entry }) => JSON.parse(entry));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.close()));
      await store.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
