import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { shared } from '../support/shared.ts';
import {
  age,
  approve,
  authorize,
  change,
  exchange,
  hasEnded,
  hasToolsLeft,
  leave,
  type Model,
  refresh,
  type Step,
  settle,
  step,
  stepOf,
} from './commands.ts';
import { createWorld, organizations } from './world.ts';

/** Few in the suite; `npm run model -- --runs 20000 --seed 7` gives more. */
const runs = Number(process.env.MODEL_RUNS ?? 1000);
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
// A run that went well is to be had again as well.
process.stdout.write(`the life of a token: --seed ${seed}\n`);
const path = process.env.MODEL_PATH;

const node = fc.nat(2);
const nodes = fc.oneof(
  { weight: 4, arbitrary: node.map((one) => [one]) },
  { weight: 1, arbitrary: fc.constant([0, 1, 2]) },
);
const which = fc.nat(5);
const organization = fc.constantFrom(...organizations);
const scopes = fc
  .subarray(['project:create', 'project:delete', 'table:read'])
  .map((further) => ['project:read', ...further]);

const authorizes = fc.tuple(organization, scopes).map(([where, what]) =>
  step(
    `authorize ${what} for ${where}`,
    (model, real) => authorize(model, real, where, what),
    (model) => hasToolsLeft(model) && !model.left.has(where),
  ),
);
/** The same installation: for the same organization it is the same connection, of which more than one line lives. */
const approvals = fc.tuple(which, organization, scopes, scopes).map(([of, where, what, ticked]) =>
  stepOf(`approve again ${what} with ${ticked} for ${where}`, of, async ({ tool }, real, model) => {
    if (!model.left.has(where)) await approve(model, real, { tool, organization: where, asked: what, ticked });
  }),
);
const exchanges = fc
  .tuple(which, nodes)
  .map(([of, at]) => stepOf(`exchange at ${at}`, of, (known, real) => exchange(known, real, at)));
const refreshes = fc
  .tuple(which, nodes, fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 })))
  .map(([of, at, back]) =>
    stepOf(`refresh ${back} back at ${at}`, of, (known, real) => refresh(known, real, at, back)),
  );
const revokes = fc.tuple(which, node, fc.boolean()).map(([of, at, isRace]) =>
  stepOf(`revoke at ${at}${isRace ? ', while it is renewed' : ''}`, of, async (known, { world }) => {
    const token = known.tokens.at(-1)?.token;
    if (token === undefined) return;
    const renewing = isRace ? world.at((at + 1) % 3, known.tool).refresh(token) : undefined;
    await Promise.all([world.at(at, known.tool).post('revoke', { token }), renewing]);
    if (!hasEnded(known)) known.connection.ended = 'told';
  }),
);
const changes = fc.tuple(which, organization, scopes).map(([of, where, what]) =>
  stepOf(`change to ${what} for ${where}`, of, async (known, real, { left }) => {
    if (!left.has(where)) await change(known, real, where, what);
  }),
);
const leaves = organization.map((where) =>
  step(
    `leave ${where}`,
    (model, real) => leave(model, real, where),
    ({ left }) => !left.has(where),
  ),
);
const passes = fc.constantFrom(1, 30, 61, 61, 601, 3601, 31 * 24 * 3600).map((seconds) =>
  step(`pass ${seconds}`, async (model, real) => {
    model.heard.push(...(await real.world.told()));
    real.world.pass(seconds);
    age(model, real);
  }),
);
const restarts = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.boolean()).map(([which, narrow]) =>
  step(`start ${which} anew, ${narrow ? 'with less' : 'with all'}`, async (_model, { world }) => {
    if (world.isNarrow(which) !== narrow) await world.restart(which, narrow);
  }),
);
/** What by chance alone is rare: a token that was used comes back after the grace. */
const replays = fc.tuple(which, node).map(([of, at]) =>
  stepOf(`use and replay late at ${at}`, of, async (known, real, model) => {
    await refresh(known, real, [at], 0);
    model.heard.push(...(await real.world.told()));
    real.world.pass(61);
    age(model, real);
    await refresh(known, real, [at], 1);
  }),
);
const weighted = (...all: [weight: number, arbitrary: fc.Arbitrary<Step>][]) =>
  all.flatMap(([weight, arbitrary]) => Array.from({ length: weight }, () => arbitrary));

const always = [
  ...weighted([2, authorizes], [3, approvals], [4, exchanges], [5, refreshes]),
  ...weighted([1, revokes], [2, changes], [1, leaves], [1, restarts]),
];
/** Redis ages everything by its own clock, which nobody moves by hand. */
const byHand = weighted([1, replays], [3, passes]);

const worlds: readonly { store: 'SQLite' | 'Redis'; steps: fc.Arbitrary<Step>[]; share: number }[] = [
  { store: 'SQLite', steps: [...always, ...byHand], share: 0.9 },
  { store: 'Redis', steps: always, share: 0.1 },
];

describe.each(worlds)('the life of a token, on $store', ({ store, steps, share }) => {
  const world = shared(() => createWorld(store));

  const numRuns = Math.ceil(runs * share);
  it(
    `keeps its promises in whatever order things happen, on three nodes (${numRuns} times)`,
    async () => {
      const property = fc.asyncProperty(
        fc.commands(steps, { maxCommands: 8 }),
        node,
        scopes,
        async (commands, last, first) => {
          const real = { world, somebody: await world.comes() };
          await world.told();
          const model: Model = { known: [], left: new Set(), heard: [] };
          // A run without a connection would prove nothing.
          await authorize(model, real, 'acme', first);
          await exchange(model.known[0] as never, real, [last]);
          await fc.asyncModelRun(() => ({ model, real }), commands);
          await settle(model, real, last);
        },
      );
      // The report of a failure names the seed and the shortest way to it.
      await fc.assert(property, { numRuns, seed, ...(path !== undefined && { path }) });
    },
    numRuns * 1000,
  );
});
