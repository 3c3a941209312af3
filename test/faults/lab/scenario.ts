import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../support/balancer.ts';
import { eventually } from '../../support/eventually.ts';
import { type Deployment, type DeploymentOptions, deploy } from './deployment.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createRandom, type Random } from './random.ts';
import type { LabStore } from './stores.ts';
import { stillWorks, useServer } from './tool.ts';

/** One way in which things break, again and again, while tools are at work. */
export interface Scenario<Store extends LabStore> {
  readonly name: string;
  readonly store: () => Promise<Store>;
  readonly deployment?: DeploymentOptions;
  /** Breaks something and mends it; resolves when it may be broken again. */
  readonly fault: (lab: Lab<Store>) => Promise<void>;
  /** Between two faults, in milliseconds. */
  readonly pause: readonly [from: number, to: number];
  /**
   * Whether another Redis takes over, which may lack what was answered in the last moment before: replication is
   * asynchronous. A person may then have to begin again; that is said on a page.
   */
  readonly isReplicated?: boolean;
  /** Whether no request at all may fail. */
  readonly isUnnoticed?: boolean;
  /** So often, however long it takes. */
  readonly atLeast?: number;
  /** Whether this machine lets it be tried. */
  readonly isPossible?: boolean;
}

export interface Lab<Store> {
  readonly store: Store;
  readonly deployment: Deployment;
  readonly random: Random;
}

export interface Extent {
  readonly seed: number;
  readonly tools: number;
  /** It ends at whichever comes first, but for `atLeast`. */
  readonly faults: number;
  readonly seconds: number;
}

export interface Row {
  readonly scenario: string;
  readonly faults: number;
  /** Of which a tool was told. */
  readonly connections: number;
  readonly lost: number;
  /** Connections with a second line of refresh tokens. */
  readonly secondFamilies: number;
  readonly requests: number;
  /** Answered with 5xx, or not at all: asked again. */
  readonly failed: number;
  /** What failed, and how often. */
  readonly failures: Readonly<Record<string, number>>;
  readonly startedAgain: number;
  /** Pages that say that a sign-in has ended. */
  readonly endedSignIns: readonly string[];
  readonly longestMs: number;
  /** What was answered so late. */
  readonly longest: string;
  /** For so long the load itself stood still, at most: the machine had no time for it. */
  readonly stalledMs: number;
  readonly seconds: number;
  readonly wrong: readonly string[];
}

/** Whoever waits longer takes it for broken. */
const longestAnswerMs = 3000;

/** The same without the kind of store that it is for. */
export interface Runnable {
  readonly name: string;
  readonly isPossible: boolean;
  run(extent: Extent): Promise<Row>;
  /** What a row says that must not be, in words. */
  complaints(row: Row): string[];
  /** The same about how long an answer took, which depends on what else the machine has to do. */
  slowness(row: Row): string[];
}

export function runnable<Store extends LabStore>(scenario: Scenario<Store>): Runnable {
  return {
    name: scenario.name,
    isPossible: scenario.isPossible ?? true,
    run: (extent) => run(scenario, extent),
    complaints: (row) => complaints(row, scenario),
    slowness,
  };
}

async function run<Store extends LabStore>(scenario: Scenario<Store>, extent: Extent): Promise<Row> {
  const random = createRandom(extent.seed);
  await using store = await scenario.store();
  await using deployment = await deploy(store, scenario.deployment);
  const ledger = createLedger();
  const stalls = monitorEventLoopDelay({ resolution: 10 });
  stalls.enable();
  const begun = performance.now();
  const enough = new AbortController();
  const tools = Array.from({ length: extent.tools }, (_, tool) =>
    useServer(deployment, ledger, createRandom(extent.seed + tool + 1), enough.signal),
  );
  // What breaks before anybody is connected loses nothing.
  const connected = eventually(() => ledger.connections.length > 0);
  const faults = await connected
    .then(() => breakAgainAndAgain(scenario, { store, deployment, random }, extent))
    .finally(() => enough.abort());
  await deployment.ready();
  await Promise.all(tools);
  const seconds = (performance.now() - begun) / 1000;
  const lost = await findLost(ledger, extent.tools);
  stalls.disable();
  return {
    ...{ scenario: scenario.name, faults, connections: ledger.connections.length, lost },
    secondFamilies: countSecond(await store.lines()),
    ...measured(deployment, ledger),
    stalledMs: Math.round(stalls.max / 1e6),
    seconds: Math.round(seconds),
    endedSignIns: ledger.ended,
    wrong: ledger.wrong,
  };
}

async function breakAgainAndAgain<Store extends LabStore>(
  { fault, pause, atLeast = 0 }: Scenario<Store>,
  lab: Lab<Store>,
  { faults, seconds }: Extent,
): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  while (done < faults && (performance.now() < end || done < atLeast)) {
    await delay(lab.random.between(...pause));
    await fault(lab);
    done += 1;
  }
  await delay(pause[0]);
  return done;
}

async function findLost(ledger: Ledger, atOnce: number): Promise<number> {
  const left = [...ledger.connections];
  let lost = 0;
  const look = async () => {
    for (let told = left.pop(); told; told = left.pop()) {
      const refused = await stillWorks(told);
      if (refused === undefined) continue;
      lost += 1;
      ledger.wrong.push(refused);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, look));
  return lost;
}

function countSecond(lines: readonly string[]): number {
  const byConnection = Map.groupBy(lines, (line) => /\{(.+)\}/.exec(line)?.[1]);
  return [...byConnection.values()].filter(({ length }) => length > 1).length;
}

function measured({ balancer: { answers } }: Deployment, { startedAgain }: Ledger) {
  const answered = answers.filter(({ status }) => status !== undefined);
  const failed = answers.filter(({ status }) => status === undefined || status >= 500);
  const failures = Object.fromEntries(
    [...Map.groupBy(failed, nameOf)].map(([name, each]) => [name, each.length] as const),
  );
  const latest = answered.reduce((latest, each) => (each.ms > latest.ms ? each : latest));
  const counts = { requests: answers.length, failed: failed.length, failures, startedAgain };
  return { ...counts, longestMs: Math.round(latest.ms), longest: nameOf(latest) };
}

/** Without what is different each time. */
function nameOf({ what, status }: Answer): string {
  const answered = status ?? 'none';
  return `${what.replace(/\?.*/, '').replace(/[\w-]{21,}/, ':uid')}: ${answered}`;
}

type Rules = Pick<Scenario<never>, 'isReplicated' | 'isUnnoticed'>;

function complaints(row: Row, { isReplicated = false, isUnnoticed = false }: Rules): string[] {
  const found = [...new Set([...row.wrong, ...(isReplicated ? [] : row.endedSignIns)])];
  if (row.lost > 0) found.push(`${row.lost} of ${row.connections} connections are lost`);
  if (row.secondFamilies > 0) found.push(`${row.secondFamilies} connections have a second line of refresh tokens`);
  if (isUnnoticed && row.failed > 0) found.push(`${row.failed} requests failed: ${JSON.stringify(row.failures)}`);
  if (row.connections === 0) found.push('nobody was connected');
  return found;
}

function slowness({ longest, longestMs, stalledMs }: Row): string[] {
  // Where this process did not get to look, an answer seems as late as that.
  return longestMs > longestAnswerMs + stalledMs ? [`${longest} took ${longestMs} ms`] : [];
}
