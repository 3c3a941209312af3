import { closeConnections } from './http-client.ts';
import { parseOptions, usage } from './options.ts';
import { startRedisServer } from './redis-server.ts';
import { renderReport } from './report.ts';
import { describeMachine, type Result, summarise } from './result.ts';
import { startSubject, subjectNames } from './subject.ts';
import { measureAll } from './turns.ts';

/** The same load against this server and against its peers; README.md says what that means. */
async function bench(options: ReturnType<typeof parseOptions>): Promise<Result> {
  await using started = new AsyncDisposableStack();
  const redis = started.use(await startRedisServer());
  const machine = describeMachine(redis.version);
  const subjects = [];
  for (const name of subjectNames) {
    subjects.push(started.use(await startSubject(name, { redisPort: redis.port, profile: options.profile })));
  }
  started.defer(closeConnections);
  return summarise(machine, await measureAll(subjects, redis.port, options));
}

function readOptions() {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
    process.exit(1);
  }
}

// Interrupted: what was started is ended by the listeners of `exit`.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const options = readOptions();
const result = await bench(options).catch((error: Error) => {
  process.stderr.write(`${error.message}: ${error.cause instanceof Error ? error.cause.message : error.stack}\n`);
  process.exit(1);
});
process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : renderReport(result));
