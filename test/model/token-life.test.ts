import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  age,
  authorize,
  change,
  exchange,
  leave,
  type Model,
  refresh,
  type Step,
  settle,
  step,
  stepOf,
} from './commands.ts';
import { createWorld, organizations, type World } from './world.ts';

/** Few in the suite; `npm run model -- --runs 20000 --seed 7` gives more. */
const runs = Number(process.env.MODEL_RUNS ?? 1000);
const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);

const path = process.env.MODEL_PATH;

const node = fc.nat(2);
const nodes = fc.oneof(
  { weight: 4, arbitrary: node.map((one) => [one]) },
  { weight: 1, arbitrary: fc.constant([0, 1, 2]) },
);
const which = fc.nat(3);
const organization = fc.constantFrom(...organizations);
const scopes = fc
  .subarray(['project:create', 'project:delete', 'table:read'])
  .map((further) => ['project:read', ...further]);

const authorizes = fc.tuple(organization, scopes).map(([where, what]) =>
  step(
    `authorize ${what} for ${where}`,
    (model, real) => authorize(model, real, where, what),
    ({ known, left }) => known.length < 3 && !left.has(where),
  ),
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
    const renewing = isRace ? world.at((at + 1) % 3).refresh(token) : undefined;
    await Promise.all([world.at(at).post('revoke', { token }), renewing]);
    known.ended ??= 'told';
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
  step(`pass ${seconds}`, async ({ known, heard }, real) => {
    heard.push(...(await real.world.told()));
    real.world.pass(seconds);
    for (const each of known) age(each, real);
  }),
);
const restarts = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.boolean()).map(([which, narrow]) =>
  step(`start ${which} anew, ${narrow ? 'with less' : 'with all'}`, async (_model, { world }) => {
    if (world.isNarrow(which) !== narrow) await world.restart(which, narrow);
  }),
);
/** What by chance alone is rare: a token that was used comes back after the grace. */
const replays = fc.tuple(which, node).map(([of, at]) =>
  stepOf(`use and replay late at ${at}`, of, async (known, real, { heard }) => {
    await refresh(known, real, [at], 0);
    heard.push(...(await real.world.told()));
    real.world.pass(61);
    age(known, real);
    await refresh(known, real, [at], 1);
  }),
);
const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>) => Array.from({ length: weight }, () => arbitrary);

describe('the life of a token', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it(
    `keeps its promises in whatever order things happen, on three nodes (${runs} times)`,
    async () => {
      const steps = [
        ...weighted(2, authorizes),
        ...weighted(4, exchanges),
        ...weighted(5, refreshes),
        ...weighted(1, replays),
        ...weighted(1, revokes),
        ...weighted(2, changes),
        ...weighted(1, leaves),
        ...weighted(3, passes),
        ...weighted(1, restarts),
      ];
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
      await fc.assert(property, { numRuns: runs, seed, ...(path !== undefined && { path }) });
    },
    runs * 1000,
  );
});
