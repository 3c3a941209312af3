import assert from 'node:assert/strict';
import type fc from 'fast-check';
import { decodeJwt } from 'jose';
import type { TokenAnswer } from '../support/relying-party.ts';
import { allows, type Organization, type Somebody, type World } from './world.ts';

/** What is known of one approval, from what was done and answered. */
interface Known {
  readonly id: string;
  readonly callback: URL;
  readonly verifier: string;
  readonly approvedAt: number;
  organization: Organization;
  scopes: string[];
  /** Refresh tokens in their order, with when each was reached. */
  readonly tokens: { token: string; at: number }[];
  /** From this one on several may have been told: the holder may have kept any of them. */
  toldFrom?: number;
  readonly access: { token: string; scopes: string[]; organization: Organization; until: number }[];
  ended?: 'told' | 'expired';
  isChanged?: boolean;
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

export async function authorize(model: Model, { world, somebody }: Real, organization: Organization, scopes: string[]) {
  const { url, verifier } = world.at(0).authorizationRequest({ scope: scopes.join(' '), organization });
  const callback = await somebody.person.approves(url, { organization, scopes });
  const id = String(callback.searchParams.get('code')).split('.')[0] as string;
  const approved = scopes.filter((scope) => allows[organization](scope, false));
  model.known.push({
    id,
    callback,
    verifier,
    approvedAt: world.now(),
    organization,
    scopes: approved,
    tokens: [],
    access: [],
  });
}

/** Nothing is in anybody's hands for longer than it lives. */
export function age(known: Known, { world }: Real): void {
  const last = known.tokens.at(-1)?.at;
  const isOver = last === undefined ? world.now() - known.approvedAt >= codeTtl : world.now() - last >= refreshTtl;
  if (isOver) known.ended ??= 'expired';
}

export async function exchange(known: Known, real: Real, nodes: readonly number[]) {
  const isYoung = real.world.now() - known.approvedAt < codeTtl;
  const isUsed = known.tokens.length > 0;
  const asked = nodes.map((node) => real.world.at(node).exchange(known.callback, known.verifier));
  const answers = await Promise.all(asked);
  const isGood = !known.ended && !isUsed && isYoung;
  const redeemed = answers.filter(({ status }) => status === 200);
  // One code at most one line; alone and in time exactly one.
  assert.equal(redeemed.length, isGood ? 1 : 0, JSON.stringify(answers.map(({ body }) => body)));
  acceptAll(known, real, nodes, answers);
  refused(answers);
  if (isYoung && (isUsed || nodes.length > 1)) known.ended ??= 'told';
}

/** The token of this many generations before the newest, at several nodes at once. */
export async function refresh(known: Known, real: Real, nodes: readonly number[], back: number) {
  const from = Math.max(0, known.tokens.length - 1 - back);
  const presented = known.tokens[from];
  if (presented) await present(known, real, nodes, from, presented.token);
}

async function present(known: Known, real: Real, nodes: readonly number[], from: number, token: string) {
  const answers = await Promise.all(nodes.map((node) => real.world.at(node).refresh(token)));
  const good = answers.filter(({ status }) => status === 200);
  refused(answers, nodes.length - good.length);
  if (known.ended) return assert.equal(good.length, 0);
  const leftAt = known.tokens[from + 1]?.at;
  const isForgiven = leftAt === undefined || real.world.now() - leftAt < grace;
  if (isForgiven) assert.equal(good.length, nodes.length, JSON.stringify(answers.map(({ body }) => body)));
  else if (from < (known.toldFrom ?? Number.POSITIVE_INFINITY))
    assert.equal(good.length, 0, 'replayed after the grace');
  if (good.length === 0) {
    known.ended = 'told';
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
  const allowed = known.scopes.filter((scope) => allows[known.organization](scope, world.isNarrow(node)));
  // Scopes never widen: what was approved, is left of it, and the role and the policy allow.
  assert.deepEqual(scopes.toSorted(), allowed.toSorted());
  const claims = decodeJwt(String(body.access_token));
  assert.deepEqual([claims.scope, claims.org_slug, claims.grant_id], [body.scope, known.organization, known.id]);
  const token = String(body.refresh_token);
  if (known.tokens.at(-1)?.token !== token) known.tokens.push({ token, at: world.now() });
  const until = world.now() + 3600;
  known.access.push({ token: String(body.access_token), scopes, organization: known.organization, until });
}

function refused(answers: readonly TokenAnswer[], count = answers.filter(({ status }) => status !== 200).length) {
  const errors = answers.filter(({ status }) => status === 400).map(({ body }) => body.error);
  assert.deepEqual(
    errors,
    Array.from({ length: count }, () => 'invalid_grant'),
  );
}

export async function change(
  known: Known,
  { world, somebody }: Real,
  organization: Organization,
  scopes: readonly string[],
) {
  const organizationId = somebody.organizationIds[organization];
  const changed = await world.domain.connections.change(known.id, { organizationId, scopes });
  if (known.ended) return;
  assert.ok(changed);
  Object.assign(known, {
    organization,
    scopes: known.scopes.filter((scope) => scopes.includes(scope)),
    isChanged: true,
  });
}

export async function leave(model: Model, { world, somebody }: Real, organization: Organization) {
  await world.leaves(somebody, organization);
  model.left.add(organization);
  for (const known of model.known) if (known.organization === organization) known.ended ??= 'told';
}

/** What holds at the end of every run: at every node nothing works that has ended, and the feed names it. */
export async function settle({ known, heard }: Model, real: Real, node: number) {
  const { world } = real;
  heard.push(...(await world.told()));
  for (const each of known) {
    age(each, real);
    const isNamed = (kind: string) => heard.some((entry) => entry.kind === kind && entry.id === each.id);
    if (each.ended === 'told') assert.ok(isNamed('connection'), `the feed does not name ${each.id}`);
    if (each.isChanged) assert.ok(isNamed('change'), `the feed does not name the change of ${each.id}`);
    for (const { token, scopes, organization, until } of each.access) {
      const { body } = await world.at(node).post('introspect', { token });
      const has = (scope: string) => each.scopes.includes(scope) && allows[organization](scope, world.isNarrow(node));
      const isLive = !each.ended && until > world.now() && organization === each.organization && scopes.every(has);
      assert.equal(body.active, isLive, `${each.id} ${each.ended} ${scopes} at ${node}`);
    }
    if (each.ended) await refresh(each, real, [node], 0);
  }
}
