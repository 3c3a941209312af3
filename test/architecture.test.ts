import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** Which modules a module may see. Imports point down. */
const sees: Record<string, readonly string[]> = {
  // Its rules for clients and for keys are theirs, and so are the places of a store.
  config: ['clients', 'keys', 'messages', 'storage'],
  messages: [],
  http: ['messages'],
  storage: [],
  operations: [],
  resources: ['config', 'messages'],
  keys: ['storage'],
  clients: [],
  directory: ['storage'],
  connections: ['storage'],
  mail: [],
  adapter: ['clients', 'connections', 'storage'],
  sessions: ['http', 'storage'],
  'sign-in': ['console', 'directory', 'http', 'identity-providers', 'messages', 'operations', 'sessions', 'storage'],
  factors: ['directory', 'http', 'operations', 'sessions', 'sign-in', 'storage'],
  provider: ['config', 'clients', 'resources', 'directory', 'connections', 'adapter', 'http', 'keys', 'storage'],
  interactions: [
    'config',
    'clients',
    'resources',
    'directory',
    'connections',
    'sessions',
    'sign-in',
    'factors',
    'http',
    'messages',
    'operations',
    'storage',
  ],
  // The gateway kit as any gateway has it: one verification and one spelling of every challenge, here and there.
  console: ['directory', 'http', 'storage'],
  'identity-providers': ['clients', 'directory', 'http', 'messages', 'storage'],
  'forward-auth': ['config', 'resources', 'connections', 'http'],
  passwords: ['config', 'connections', 'directory', 'http', 'mail', 'messages', 'operations', 'sessions', 'storage'],
  account: [
    'config',
    'clients',
    'passwords',
    'resources',
    'directory',
    'connections',
    'sessions',
    'sign-in',
    'factors',
    'http',
    'messages',
    'operations',
    'storage',
  ],
  // Puts all of the above together; `process` and `cli` stand above it.
  composition: [],
  process: ['composition', 'config', 'storage', 'directory', 'connections', 'provider'],
  cli: [
    'composition',
    'config',
    'connections',
    'console',
    'directory',
    'keys',
    'mail',
    'messages',
    'operations',
    'passwords',
    'process',
  ],
};
/** Who takes the clock of the machine. */
const timekeepers = [
  ...['adapter/payloads', 'interactions/current-step', 'interactions/go-on', 'provider/long-assertions'], // as oidc-provider
  ...[
    'cli/tools',
    'composition/reporting',
    'composition/domain',
    'process/demonstration',
    'storage/sqlite/open-sqlite',
  ],
  ...['console/conformance', 'console/listening-server'], // a program of its own
].map((name) => `src/${name}.ts`);

/** None is a decision: every module may be handed a clock, compares secrets in one way, and shows names in one way. */
const primitives = ['clock', 'random-bytes', 'memoize', 'same-secret', 'semaphore', 'visible-line'].map(
  (name) => `src/${name}.ts`,
);
const modules = Object.keys(sees);
sees.composition = modules.filter((module) => !['composition', 'process', 'cli'].includes(module));

/** Who uses the gateway kit as a gateway does. Every other module may take no more than the words that both sides share. */
const kit = '@bkend/mcp-gateway';
const gateways = ['src/forward-auth/', 'src/process/demonstration.ts', 'src/gateway.ts'];

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);
}

const kitSources = filesBelow('gateway/src', '.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const sources = filesBelow('src', '.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const lineCount = (text: string) => text.trimEnd().split('\n').length;
const moduleOf = (path: string) => (path.split('/').length > 2 ? (path.split('/')[1] as string) : '');

/** Every import of a source, as a path from the root: `src/storage/index.ts`, or the name of a package. */
function importsOf({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(([, target = '']) =>
    target.startsWith('.') ? new URL(target, `file:///${path}`).pathname.slice(1) : target,
  );
}

describe('the house', () => {
  it('has no module that names a kind of code instead of a decision', () => {
    const folders = new Set(sources.map(({ path }) => moduleOf(path)).filter(Boolean));
    expect([...folders].sort()).toEqual(modules.filter((module) => folders.has(module)).sort());
  });

  it.each(modules)('lets %s see only the modules below it, through their index', (module) => {
    const foreign = sources
      .filter(({ path }) => moduleOf(path) === module)
      .flatMap((source) => importsOf(source).map((target) => ({ from: source.path, target })))
      .filter(({ target }) => target.startsWith('src/') && moduleOf(target) !== module);
    const below = (sees[module] ?? []).map((each) => `src/${each}/index.ts`);
    const allowed = [...primitives, ...below];

    expect(foreign.filter(({ target }) => !allowed.includes(target))).toEqual([]);
  });

  it.each(modules)('opens %s with its purpose', (module) => {
    const index = sources.find(({ path }) => path === `src/${module}/index.ts`);
    const [comment = ''] = /^\/\*\*.*?\*\//s.exec(index?.text ?? '') ?? [];
    if (index) expect(lineCount(comment)).toBeGreaterThanOrEqual(3);
  });

  it('keeps files short: none above 200 lines, half of them at most 60', () => {
    const sizes = [...sources, ...kitSources]
      .map(({ path, text }) => ({ path, lines: lineCount(text) }))
      .sort((a, b) => a.lines - b.lines);
    expect(sizes.filter(({ lines }) => lines > 200)).toEqual([]);
    expect(sizes[Math.floor(sizes.length / 2)]?.lines).toBeLessThanOrEqual(60);
  });

  it('keeps test files below 300 lines', () => {
    const long = filesBelow('test', '.ts').filter((path) => lineCount(readFileSync(path, 'utf8')) > 300);
    expect(long).toEqual([]);
  });
});

describe('a source', () => {
  it('reads the environment in one place only', () => {
    const readers = sources.filter(({ text }) => /^(?!\s*\*|\s*\/\/).*process\.env/m.test(text));
    expect(readers.map(({ path }) => path)).toEqual(['src/config/environment.ts']);
  });

  it('asks the time of the clock that it was handed, but for the keys of the kit, whose age jose counts', () => {
    const asking = [...sources, ...kitSources].filter(({ text }) => /\bDate\.now\(|new Date\(\)/.test(text));
    expect(asking.map(({ path }) => path)).toEqual(['src/clock.ts', 'gateway/src/key-set.ts']);
  });

  it('is handed its clock: the system clock is for beginnings, for defaults, and for what oidc-provider compares with it', () => {
    const takers = sources.filter(({ path, text }) => path !== 'src/clock.ts' && /\bsystemClock\b/.test(text));
    expect(takers.map(({ path }) => path)).toEqual(timekeepers.toSorted());
  });

  it('is tested by moving a clock that is handed over: two tests, of timers and of jose, move that of the process', () => {
    const moving =
      /\bmock\.timers\b|\.(?:useFakeTimers|setSystemTime|advanceTimers\w*)\(|\bspyOn\(Date\b|\bDate\.now = |globalThis\.Date\b/;
    const tests = filesBelow('test', '.ts').filter((path) => moving.test(readFileSync(path, 'utf8')));
    expect(tests).toEqual(['test/gateway/key-set.test.ts', 'test/gateway/silent-feed.test.ts']);
  });

  it('imports no internals of oidc-provider', () => {
    const deep = sources.flatMap((source) => importsOf(source)).filter((target) => target.startsWith('oidc-provider/'));
    expect(deep).toEqual([]);
  });

  it('of storage knows nothing of OAuth', () => {
    const storage = sources.filter(({ path }) => moduleOf(path) === 'storage');
    expect(storage.flatMap((source) => importsOf(source))).not.toContain('oidc-provider');
  });

  it('replaces methods of oidc-provider models in three places only', () => {
    // Of a prototype, or of the model itself, whose own types do not offer them.
    const patching = sources.filter(({ text }) => /\bprovider\.[A-Z]\w*(?:\.prototype\b| as\b)/.test(text));
    expect(patching.map(({ path }) => path).sort()).toEqual([
      'src/provider/code-values.ts',
      'src/provider/named-algorithms.ts',
      'src/provider/redirect-uris.ts',
    ]);
  });

  it('exports what somebody else reads, and nothing more', () => {
    const doors = ['src/index.ts', 'src/gateway.ts', 'gateway/src/index.ts', 'gateway/src/vocabulary/index.ts'];
    const named = /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'(\.[^']+)'/g;
    const loaded = /const \{([^}]*)\}(?:: [\w<>[\]' ]+)? = await import\(\s*'(\.[^']+)'/g;
    const namesIn = (list: string) =>
      list.split(',').map((each) =>
        each
          .trim()
          .replace(/^type /, '')
          .split(/ as |: /),
      );
    const others = ['test', 'bench', 'docs', 'examples'].flatMap((folder) => filesBelow(folder, '.ts'));
    const readers = [...sources, ...kitSources, ...others.map((path) => ({ path, text: readFileSync(path, 'utf8') }))];
    const read = new Set(
      readers.flatMap(({ path, text }) =>
        [...text.matchAll(named), ...text.matchAll(loaded)].flatMap(([, list = '', target = '']) => {
          const file = new URL(target, `file:///${path}`).pathname.slice(1);
          return namesIn(list).map(([name]) => `${file} ${name}`);
        }),
      ),
    );
    const declared = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;
    const exported = [...sources, ...kitSources].flatMap(({ path, text }) => [
      ...[...text.matchAll(declared)].map(([, name]) => `${path} ${name}`),
      ...[...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
        namesIn(list).flatMap((names) => (names[0] ? [`${path} ${names.at(-1)}`] : [])),
      ),
    ]);
    expect(exported.length).toBeGreaterThan(1000);
    expect(exported.filter((each) => !read.has(each) && !doors.includes(each.split(' ')[0] as string))).toEqual([]);
  });

  it('exports by name, so that a thing has one name everywhere', () => {
    expect([...sources, ...kitSources].filter(({ text }) => /^export default/m.test(text))).toEqual([]);
  });
});

describe('the gateway kit', () => {
  it('needs nothing but jose, and of Node no more than types: fetch runtimes have nothing else of it', () => {
    const packages = kitSources.flatMap((source) =>
      importsOf({ ...source, text: source.text.replaceAll(/^import type .*'node:http';$/gm, '') }),
    );
    expect(new Set(packages.filter((target) => !target.startsWith('gateway/src/')))).toEqual(new Set(['jose']));
  });

  it('has a vocabulary that needs nothing at all', () => {
    const words = kitSources.filter(({ path }) => path.startsWith('gateway/src/vocabulary/'));
    const imports = words.flatMap((source) => importsOf(source));
    expect(imports.filter((target) => !target.startsWith('gateway/src/vocabulary/'))).toEqual([]);
  });

  it.each(['', 'vocabulary/'])('opens %sindex.ts with its purpose', (folder) => {
    const index = kitSources.find(({ path }) => path === `gateway/src/${folder}index.ts`);
    expect(lineCount(/^\/\*\*.*?\*\//s.exec(index?.text ?? '')?.[0] ?? '')).toBeGreaterThanOrEqual(3);
  });

  it('is used as a whole by those who are a gateway; the others take its vocabulary', () => {
    const users = sources.filter((source) => importsOf(source).some((target) => target === kit));
    expect(users.filter(({ path }) => !gateways.some((gateway) => path.startsWith(gateway)))).toEqual([]);
    const subpaths = sources.flatMap((source) => importsOf(source)).filter((target) => target.startsWith(`${kit}/`));
    expect(new Set(subpaths)).toEqual(new Set([`${kit}/vocabulary`]));
  });

  it('names its sources in package.json: otherwise packing was interrupted, and `npm run postpack -w gateway` is due', () => {
    const { exports } = JSON.parse(readFileSync('gateway/package.json', 'utf8'));
    expect(exports).toMatchObject({ '.': './src/index.ts', './vocabulary': './src/vocabulary/index.ts' });
  });
});

describe('a template', () => {
  const templates = filesBelow('views', '.ejs').map((path) => ({ path, text: readFileSync(path, 'utf8') }));

  it('escapes everything but includes, the body of the layout, and messages, which are escaped', () => {
    const unescaped = templates.flatMap(({ path, text }) =>
      [...text.matchAll(/<%-\s*([^%]*?)\s*%>/g)].map(([, code = '']) => ({ path, code })),
    );
    expect(unescaped.length).toBeGreaterThan(50);
    const expected = ({ path, code }: { path: string; code: string }) =>
      /^(include|page\.html)\([^;]*\)$/.test(code) || (path === 'views/layout.ejs' && code === 'page.body');
    expect(unescaped.filter((each) => !expected(each))).toEqual([]);
  });

  it('has no script, no inline style and no foreign resource', () => {
    const offending = templates.filter(({ text }) => /<script|\son\w+=|\sstyle=|(src|href)="https?:/i.test(text));
    // The one page that needs one: passkeys are made and used by script only. Its hash is in the policy of this page.
    expect(offending.map(({ path }) => path)).toEqual(['views/passkey.ejs']);
  });

  it('is at most 50 lines long', () => {
    expect(templates.filter(({ text }) => lineCount(text) > 50).map(({ path }) => path)).toEqual([]);
  });
});
