import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** Which rooms a room may see (design, "The house"). Imports point down. */
const sees: Record<string, readonly string[]> = {
  config: [],
  http: [],
  storage: [],
  gateway: [],
  operations: [],
  resources: ['config'],
  keys: ['storage'],
  clients: [],
  directory: ['storage'],
  connections: ['storage'],
  provider: ['config', 'clients', 'resources', 'directory', 'connections', 'keys', 'storage'],
  interactions: ['config', 'clients', 'resources', 'directory', 'connections', 'http', 'operations', 'storage'],
  // The gateway kit as any gateway has it: one verification and one spelling of every challenge, here and there.
  'forward-auth': ['config', 'resources', 'directory', 'connections', 'gateway'],
  console: ['directory', 'storage'],
  account: ['config', 'clients', 'resources', 'directory', 'connections', 'http', 'operations', 'storage'],
};
const rooms = Object.keys(sees);

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);
}

const sources = filesBelow('src', '.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const lineCount = (text: string) => text.trimEnd().split('\n').length;
const roomOf = (path: string) => (path.split('/').length > 2 ? (path.split('/')[1] as string) : '');

/** Every import of a source, as a path from the root: `src/storage/index.ts`, or the name of a package. */
function importsOf({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(([, target = '']) =>
    target.startsWith('.') ? new URL(target, `file:///${path}`).pathname.slice(1) : target,
  );
}

describe('the house', () => {
  it('has no room that names a kind of code instead of a decision', () => {
    const folders = new Set(sources.map(({ path }) => roomOf(path)).filter(Boolean));
    expect([...folders].sort()).toEqual(rooms.filter((room) => folders.has(room)).sort());
  });

  it.each(rooms)('lets %s see only the rooms below it, through their index', (room) => {
    const foreign = sources
      .filter(({ path }) => roomOf(path) === room)
      .flatMap((source) => importsOf(source).map((target) => ({ from: source.path, target })))
      .filter(({ target }) => target.startsWith('src/') && roomOf(target) !== room);
    // The clock is no decision: every module may be handed one.
    const allowed = ['src/clock.ts', ...(sees[room] ?? []).map((below) => `src/${below}/index.ts`)];

    expect(foreign.filter(({ target }) => !allowed.includes(target))).toEqual([]);
  });

  it.each(rooms)('opens %s with its purpose', (room) => {
    const index = sources.find(({ path }) => path === `src/${room}/index.ts`);
    const [comment = ''] = /^\/\*\*.*?\*\//s.exec(index?.text ?? '') ?? [];
    if (index) expect(lineCount(comment)).toBeGreaterThanOrEqual(3);
  });

  it('keeps files short: none above 200 lines, half of them at most 60', () => {
    const sizes = sources.map(({ path, text }) => ({ path, lines: lineCount(text) })).sort((a, b) => a.lines - b.lines);
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

  it('imports no internals of oidc-provider', () => {
    const deep = sources.flatMap((source) => importsOf(source)).filter((target) => target.startsWith('oidc-provider/'));
    expect(deep).toEqual([]);
  });

  it('replaces methods of oidc-provider models in two places only', () => {
    const patching = sources.filter(({ text }) => /provider\.\w+\.prototype\b/.test(text));
    expect(patching.map(({ path }) => path).sort()).toEqual([
      'src/provider/redirect-uris.ts',
      'src/provider/refresh-successor.ts',
    ]);
  });

  it('exports by name, so that a thing has one name everywhere', () => {
    expect(sources.filter(({ text }) => /^export default/m.test(text))).toEqual([]);
  });

  it('of the gateway kit needs nothing but jose and Node', () => {
    const packages = sources
      .filter(({ path }) => roomOf(path) === 'gateway')
      .flatMap((source) => importsOf(source))
      .filter((target) => !target.startsWith('src/gateway/') && !target.startsWith('node:'));
    expect([...new Set(packages)].filter((target) => target !== 'jose')).toEqual([]);
  });
});

describe('a template', () => {
  const templates = filesBelow('views', '.ejs').map((path) => ({ path, text: readFileSync(path, 'utf8') }));

  it('escapes everything but includes and the body of the layout', () => {
    const unescaped = templates.flatMap(({ path, text }) =>
      [...text.matchAll(/<%-\s*([^%]*?)\s*%>/g)].map(([, code = '']) => ({ path, code })),
    );
    const expected = ({ path, code }: { path: string; code: string }) =>
      code.startsWith('include(') || (path === 'views/layout.ejs' && code === 'page.body');
    expect(unescaped.filter((each) => !expected(each))).toEqual([]);
  });

  it('has no script, no inline style and no foreign resource', () => {
    const offending = templates.filter(({ text }) => /<script|\son\w+=|\sstyle=|(src|href)="https?:/i.test(text));
    expect(offending.map(({ path }) => path)).toEqual([]);
  });

  it('is at most 50 lines long', () => {
    expect(templates.filter(({ text }) => lineCount(text) > 50).map(({ path }) => path)).toEqual([]);
  });
});
