import assert from 'node:assert/strict';
import type fc from 'fast-check';
import { decodeJwt } from 'jose';
import type { TokenAnswer } from '../support/relying-party.ts';
import { allows, type Organization, type Somebody, type World } from './world.ts';

/** What is known of one connection, which all approvals of one installation for one organization share. */
interface KnownConnection {
  readonly id: string;
  readonly tool: number;
  organization: Organization;
  scopes: string[];
  ended?: 'told' | 'expired';
  isChanged?: boolean;
  hasMoved?: boolean;
}

/** What is known of one approval, and of the line of tokens that follows, from what was done and answered. */
interface Known {
  readonly connection: KnownConnection;
  readonly tool: number;
  readonly callback: URL;
  readonly verifier: string;
  readonly approvedAt: number;
  /** What it gave: the line never has more, and no more than the connection has. */
  readonly scopes: readonly string[];
  /** Refresh tokens in their order, with when each was reached. */
  readonly tokens: { token: string; at: number }[];
  /** From this one on several may have been told: the holder may have kept any of them. */
  toldFrom?: number;
  readonly access: { token: string; scopes: string[]; organization: Organization; until: number }[];
  isExpired?: boolean;
}

/** The tool's and its person's part of the world in one run. */
export interface Model {
  readonly known: Known[];
  readonly left: Set<Organization>;
  /** What the feed told; it forgets what can matter no more. */
  readonly heard: Record<string, unknown>[];
}

export interface Real {
  readonly world: World;
  readonly somebody: Somebody;
}

export type Step = fc.AsyncCommand<Model, Real>;

const codeTtl = 600;
/** The code, and the access token that it yields. */
const approvalTtl = codeTtl + 3600;
const grace = 60;
const refreshTtl = 30 * 24 * 3600;

export function step(
  words: string,
  run: (model: Model, real: Real) => Promise<void>,
  check = (_model: Model) => true,
): Step {
  return { check, run, toString: () => words };
}

/** A step of one of the connections that there are. */
export function stepOf(
  words: string,
  which: number,
  run: (known: Known, real: Real, model: Model) => Promise<void>,
): Step {
  const pick = ({ known }: Model) => known[which % known.length] as Known;
  return step(
    `${words} of ${which}`,
    (model, real) => run(pick(model), real, model),
    ({ known }) => known.length > 0,
  );
}

const toolsOf = ({ known }: Model) => new Set(known.map(({ tool }) => tool)).size;

/** For a tool that nobody has approved yet. */
export async function authorize(model: Model, real: Real, organization: Organization, scopes: string[]) {
  await approve(model, real, { tool: toolsOf(model), organization, asked: scopes, ticked: scopes });
}
export const hasToolsLeft = (model: Model) => toolsOf(model) < 3;

export interface Approval {
  readonly tool: number;
  readonly organization: Organization;
  readonly asked: readonly string[];
  readonly ticked: readonly string[];
}

/** The page lists what is asked for, and what the tool has there already: whatever is not ticked is gone. */
export async function approve(model: Model, { world, somebody }: Real, approval: Approval) {
  const { tool, organization, asked, ticked } = approval;
  const mayHave = (scope: string) => allows[organization](scope, false);
  const there = connectionsOf(model, tool).filter((each) => !each.ended && each.organization === organization);
  for (const { id } of there) await world.unlock(id);
  const { url, verifier } = world.at(0, tool).authorizationRequest({ scope: asked.join(' '), organization });
  const callback = await somebody.person.approves(url, { organization, scopes: ticked });
  const id = String(callback.searchParams.get('code')).split('.')[0] as string;
  const again = there.find((each) => each.id === id);
  const hadBefore = again && model.known.some((line) => line.connection === again && line.tokens.length > 0);
  const shown = [...asked, ...(hadBefore ? again.scopes : [])].filter(mayHave);
  const scopes = [...new Set(shown.filter((scope) => ticked.includes(scope)))];
  checkSameness(model, tool, { id, there });
  const connection = again ?? { id, tool, organization, scopes };
  if (again) {
    if (hadBefore && again.scopes.some((scope) => shown.includes(scope) && !ticked.includes(scope)))
      again.isChanged = true;
    const kept = again.scopes.filter((scope) => !shown.includes(scope) || ticked.includes(scope));
    again.scopes = [...new Set([...kept, ...scopes])];
  }
  model.known.push({ connection, tool, callback, verifier, approvedAt: world.now(), scopes, tokens: [], access: [] });
}

/** One installation has one connection for an organization; one that has ended comes not back. */
function checkSameness(model: Model, tool: number, { id, there }: { id: string; there: readonly KnownConnection[] }) {
  const all = connectionsOf(model, tool);
  if (there.some((each) => each.id === id)) return;
  assert.ok(
    !all.some((each) => each.id === id),
    'an approval for another organization, or after the end, is another one',
  );
  // Of several that have come there from elsewhere one has the place, or none.
  if (!all.some(({ hasMoved }) => hasMoved)) assert.equal(there.length, 0, 'approved again it is the same one');
}

const connectionsOf = ({ known }: Model, tool: number) => [
  ...new Set(known.filter((line) => line.tool === tool).map(({ connection }) => connection)),
];

/** Nothing is in anybody's hands for longer than it lives; a connection lives as long as any of its lines needs it. */
export function age({ known }: Model, { world }: Real): void {
  for (const line of known) {
    const last = line.tokens.at(-1)?.at;
    const isOver = last === undefined ? world.now() - line.approvedAt >= codeTtl : world.now() - last >= refreshTtl;
    if (isOver) line.isExpired = true;
  }
  for (const { connection } of known) {
    const keeps = (line: Known) => line.connection === connection && keepsConnection(line, world.now());
    if (!known.some(keeps)) connection.ended ??= 'expired';
  }
}

function keepsConnection({ approvedAt, tokens, isExpired }: Known, now: number): boolean {
  return now - approvedAt < approvalTtl || (tokens.length > 0 && !isExpired);
}

export const hasEnded = ({ connection, isExpired }: Known) => connection.ended !== undefined || isExpired === true;

export async function exchange(known: Known, real: Real, nodes: readonly number[]) {
  const isYoung = real.world.now() - known.approvedAt < codeTtl;
  const isUsed = known.tokens.length > 0;
  const asked = nodes.map((node) => real.world.at(node, known.tool).exchange(known.callback, known.verifier));
  const answers = await Promise.all(asked);
  const isGood = !known.connection.ended && !isUsed && isYoung;
  const redeemed = answers.filter(({ status }) => status === 200);
  // One code at most one line; alone and in time exactly one.
  assert.equal(redeemed.length, isGood ? 1 : 0, JSON.stringify(answers.map(({ body }) => body)));
  acceptAll(known, real, nodes, answers);
  refused(answers);
  if (isYoung && (isUsed || nodes.length > 1)) known.connection.ended ??= 'told';
}

/** The token of this many generations before the newest, at several nodes at once. */
export async function refresh(known: Known, real: Real, nodes: readonly number[], back: number) {
  const from = Math.max(0, known.tokens.length - 1 - back);
  const presented = known.tokens[from];
  if (presented) await present(known, real, nodes, from, presented.token);
}

async function present(known: Known, real: Real, nodes: readonly number[], from: number, token: string) {
  const answers = await Promise.all(nodes.map((node) => real.world.at(node, known.tool).refresh(token)));
  const good = answers.filter(({ status }) => status === 200);
  refused(answers, nodes.length - good.length);
  if (hasEnded(known)) return assert.equal(good.length, 0);
  const leftAt = known.tokens[from + 1]?.at;
  const isForgiven = leftAt === undefined || real.world.now() - leftAt < grace;
  if (isForgiven) assert.equal(good.length, nodes.length, JSON.stringify(answers.map(({ body }) => body)));
  else if (from < (known.toldFrom ?? Number.POSITIVE_INFINITY))
    assert.equal(good.length, 0, 'replayed after the grace');
  if (good.length === 0) {
    known.connection.ended = 'told';
    return;
  }
  const isReplay = leftAt !== undefined;
  const tokens = new Set(good.map(({ body }) => body.refresh_token));
  // A replay within the grace is identical, and so is what several are told at once.
  if (isReplay && isForgiven) assert.deepEqual([...tokens], [known.tokens.at(-1)?.token]);
  assert.equal(tokens.size, 1);
  noteTold(known, from, isReplay || nodes.length > 1);
  acceptAll(known, real, nodes, answers);
}

function noteTold(known: Known, from: number, isShared: boolean) {
  if (isShared) known.toldFrom = Math.min(known.toldFrom ?? from, from);
}

function acceptAll(known: Known, real: Real, nodes: readonly number[], answers: readonly TokenAnswer[]) {
  for (const [n, answer] of answers.entries())
    if (answer.status === 200) accept(known, real, nodes[n] as number, answer);
}

function accept(known: Known, { world }: Real, node: number, { body }: TokenAnswer) {
  const scopes = String(body.scope).split(' ').filter(Boolean);
  const { id, organization, scopes: left } = known.connection;
  const has = (scope: string) => left.includes(scope) && allows[organization](scope, world.isNarrow(node));
  const allowed = known.scopes.filter(has);
  // Scopes never widen: what was approved, is left of it, and the role and the policy allow.
  assert.deepEqual(scopes.toSorted(), allowed.toSorted());
  const claims = decodeJwt(String(body.access_token));
  assert.deepEqual([claims.scope, claims.org_slug, claims.grant_id], [body.scope, organization, id]);
  const token = String(body.refresh_token);
  if (known.tokens.at(-1)?.token !== token) known.tokens.push({ token, at: world.now() });
  const until = world.now() + 3600;
  known.access.push({ token: String(body.access_token), scopes, organization, until });
}

function refused(answers: readonly TokenAnswer[], count = answers.filter(({ status }) => status !== 200).length) {
  const errors = answers.filter(({ status }) => status === 400).map(({ body }) => body.error);
  assert.deepEqual(errors, Array(count).fill('invalid_grant'));
}

export async function change({ connection }: Known, real: Real, organization: Organization, scopes: readonly string[]) {
  const { world, somebody } = real;
  const organizationId = somebody.organizationIds[organization];
  const changed = await world.domain.connections.change(connection.id, { organizationId, scopes });
  if (connection.ended) return;
  assert.ok(changed);
  if (connection.organization !== organization) connection.hasMoved = true;
  const left = connection.scopes.filter((scope) => scopes.includes(scope));
  Object.assign(connection, { organization, scopes: left, isChanged: true });
}

export async function leave(model: Model, { world, somebody }: Real, organization: Organization) {
  await world.leaves(somebody, organization);
  model.left.add(organization);
  for (const { connection } of model.known) if (connection.organization === organization) connection.ended ??= 'told';
}

/** What holds at the end of every run: at every node nothing works that has ended, and the feed names it. */
export async function settle(model: Model, real: Real, node: number) {
  const { world } = real;
  const { known, heard } = model;
  heard.push(...(await world.told()));
  age(model, real);
  for (const each of known) {
    const { id, ended, isChanged, ...now } = each.connection;
    const isNamed = (kind: string) => heard.some((entry) => entry.kind === kind && entry.id === id);
    if (ended === 'told') assert.ok(isNamed('connection'), `the feed does not name ${id}`);
    if (isChanged) assert.ok(isNamed('change'), `the feed does not name the change of ${id}`);
    for (const { token, scopes, organization, until } of each.access) {
      const { body } = await world.at(node, each.tool).post('introspect', { token });
      const has = (scope: string) => now.scopes.includes(scope) && allows[organization](scope, world.isNarrow(node));
      const isLive = !ended && until > world.now() && organization === now.organization && scopes.every(has);
      assert.equal(body.active, isLive, `${id} ${ended} ${scopes} at ${node}`);
    }
    if (hasEnded(each)) await refresh(each, real, [node], 0);
  }
}
