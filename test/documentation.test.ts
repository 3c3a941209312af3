import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { policyTable, variablesTable } from '../src/config/index.ts';
import { createRecordNames } from '../src/storage/index.ts';
import { scenarios } from './faults/lab/scenarios.ts';
import { compatibilityTable } from './interop/compatibility-table.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const folders = ['.', 'src', 'gateway', 'examples', 'bench', 'config', 'docs'];
const pages = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) =>
    readdirSync(folder, { recursive: folder !== '.', encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((path) => path.endsWith('.md'));

describe('the documentation of storage', () => {
  const keys = createRecordNames('', { hashers: [() => 'hash'] });
  const rows = read('src/storage/README.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  it('has a row for every key, and for no other', () => {
    const named = new Set(rows.map(([, , name]) => name));
    expect([...named].sort()).toEqual(
      Object.keys(keys)
        .filter((name) => name !== 'former')
        .sort(),
    );
  });

  it('spells every key as the code does', () => {
    const names = keys as unknown as Record<string, (...values: string[]) => string>;
    const spelled = (name: string, ...values: string[]) => names[name]?.(...values) ?? '';
    const documented = new Map(rows.map(([, key = '', name = '']) => [name, key]));
    for (const [name, key] of documented) {
      if (name === 'model' || name === 'signInFailures') continue;
      const expected = spelled(name, 'x', 'y')
        .replace(/\{[^}]*\}/, '{}')
        .replace(/:y$/, ':<>');
      expect(
        key
          .replaceAll('`', '')
          .replace(/\{[^}]*\}/, '{}')
          .replace(/:<\w+>$/, ':<>'),
      ).toBe(expected);
    }
    expect(spelled('model', 'RegistrationAccessToken', 'x')).toBe('registration-access-token:{hash}');
    expect(spelled('client', 'dyn-1')).toBe('client:{dyn-1}');
  });
});

describe('the page for operators', () => {
  it('has a row for every metric of ours, and for no other', () => {
    const named = [...read('docs/operations.md').matchAll(/^\| `(mcp_auth_\w+)`/gm)].map(([, name]) => name);
    const counted = [...read('src/operations/metrics.ts').matchAll(/name: '(\w+)'/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(counted.sort());
  });
});

describe('the README', () => {
  it('lists the variables as the configuration has them', () => {
    expect(read('README.md')).toContain(variablesTable());
  });

  it('lists the members of the policy file as the configuration has them', () => {
    expect(read('README.md')).toContain(policyTable());
  });

  it('lists the clients as the client lab has them', () => {
    expect(read('README.md')).toContain(compatibilityTable());
  });

  it('has a row for everything that npm run faults breaks, in which nothing is lost, and for nothing else', () => {
    const [, table = ''] = read('README.md').split('| what happens | how often | connections lost |');
    const rows = table.split('\n\n')[0]?.split('\n').slice(2) ?? [];
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    expect(cells.map(([, what, , lost, second]) => [what, lost?.split(' of ')[0], second])).toEqual(
      Object.values(scenarios).map(({ name }) => [name, '0', '0']),
    );
    expect(cells.find(([, what]) => what === scenarios.restarts.name)?.[6]).toBe('0');
  });
});

describe('README.ko.md', () => {
  const korean = read('README.ko.md');
  const half = read('README.md').split('\n## Use it\n')[0] ?? '';
  const commands = (page: string) => {
    const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => `${kind}\n${text}`);
    return [...blocks, ...(page.match(/^ {4}\S.*$/gm) ?? [])];
  };
  const rows = (page: string) =>
    [...page.matchAll(/^\| ([\w ]+) \|.*?`([^`]*)`/gm)].map(([, tool, how]) => [tool, how]);
  const headingsOf = (page: string) => page.match(/^#+ .*$/gm) ?? [];
  const links = (page: string) =>
    [...page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !target.startsWith('README'));

  it('has the sections of the first half of README.md, in their order, and each is Korean', () => {
    expect(headingsOf(korean).map((heading) => heading.split(' ')[0])).toEqual(
      headingsOf(half).map((heading) => heading.split(' ')[0]),
    );
    expect(
      headingsOf(korean)
        .slice(1)
        .filter((heading) => !/\p{Script=Hangul}/u.test(heading)),
    ).toEqual([]);
  });

  it('has the same programs, commands and ways to connect a tool', () => {
    expect(commands(half).length).toBeGreaterThan(3);
    expect(commands(korean)).toEqual(commands(half));
    expect(rows(half).length).toBeGreaterThan(2);
    expect(rows(korean)).toEqual(rows(half));
  });

  it('leads where the first half leads, and to sections that are there', () => {
    expect([...new Set(links(korean))].sort()).toEqual([...new Set(links(half))].sort());
    const sections = headingsOf(read('README.md')).map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, section = ''] of korean.matchAll(/\(README\.md#([^)]+)\)/g)) expect(sections).toContain(section);
  });
});

describe('what we assume of the inside of oidc-provider', () => {
  const [, section = ''] = read('CONTRIBUTING.md').split('## What we assume of the inside of oidc-provider\n');
  const rows =
    section
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| `src/')) ?? [];
  const named = rows.map((row) => [...row.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = '']) => path));

  it('is said of files that exist, each with a test that holds it', () => {
    expect(rows.length).toBeGreaterThan(0);
    for (const paths of named) {
      expect(paths).toEqual([expect.stringMatching(/^src\//), expect.stringMatching(/^test\/.+\.test\.ts$/)]);
      expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    }
  });

  it('is said of every file that names the version it was written for', () => {
    const sources = globSync('src/**/*.ts').filter((path) => /\b9\.13\b/.test(read(path)));
    expect(sources.length).toBeGreaterThan(20);
    const told = new Set(named.map(([file]) => file));
    expect(sources.filter((path) => !told.has(path)).sort()).toEqual([]);
  });
});

describe('the table of modules', () => {
  it('has every module there is, and no other', () => {
    const [, section = ''] = read('README.md').split('| module | its question |\n');
    const rows = section.split('\n\n')[0]?.split('\n').slice(1) ?? [];
    const told = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(told.toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
  });
});

describe('every page of documentation', () => {
  it.each(pages)('%s links only to what exists', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, target = '']) => target);
    expect(links.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });
});

describe('what is promised of security', () => {
  const page = read('SECURITY.md');
  const sectionOf = (title: string) => page.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const rowsOf = (title: string) =>
    sectionOf(title)
      .split('\n')
      .filter((line) => /^\| (?!promise |chapter )/.test(line));
  const promises = rowsOf('What is promised, and the test that tries the opposite');
  const chapters = rowsOf('The attacks that the specifications name, and their tests');
  const rows = [...promises, ...chapters];
  /** A section by its number, also after "and". */
  const saysOf = (chapter: string) => {
    const section = /§4\.\d+$/.exec(chapter)?.[0];
    return section === undefined ? new RegExp(chapter) : new RegExp(`RFC 9700 .*${section.replace('.', '\\.')}(?!\\d)`);
  };

  it.each(rows)('has a test that is there: %s', (row) => {
    const paths = [...row.matchAll(/`((?:test|bench)\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(paths.filter((path) => path.endsWith('.test.ts'))).not.toEqual([]);
    for (const path of paths) expect([path, existsSync(path)]).toEqual([path, true]);
  });

  it('is done where the table of attacks says: by modules and files that are there', () => {
    const table = page.split('| where |\n')[1]?.split('\n\n')[0]?.split('\n').slice(1) ?? [];
    const places = table.map((row) => [...(row.split(' | ').at(-1) ?? '').matchAll(/`([^`]+)`/g)].map(([, at]) => at));
    expect(places.length).toBeGreaterThan(50);
    expect(places.filter((named) => named.length === 0)).toEqual([]);
    const isThere = (at = '') => globSync([`src/${at}`, at, `${at}.test.ts`]).length > 0;
    expect(places.flat().filter((at) => !isThere(at))).toEqual([]);
  });

  it.each(chapters)('has a test that says that it is of that chapter: %s', (row) => {
    const [, chapter = ''] = /^\| (RFC 9700 §4\.\d+|MCP security best practices, "[^"]+")/.exec(row) ?? [];
    expect(chapter).not.toBe('');
    for (const [path] of row.matchAll(/test\/attacks\/[^`]+/g))
      expect([path, read(path).replaceAll('\n * ', ' ')]).toEqual([path, expect.stringMatching(saysOf(chapter))]);
  });

  it('has every chapter of RFC 9700 §4, once', () => {
    const named = chapters.flatMap((row) => /^\| RFC 9700 (§4\.\d+),/.exec(row)?.[1] ?? []);
    expect(named).toEqual(Array.from({ length: 17 }, (_, index) => `§4.${index + 1}`));
  });

  it('names the chapter of every file of attacks that does not say that it is of none', () => {
    const attacks = readdirSync('test/attacks').filter((name) => name.endsWith('.test.ts'));
    const unsaid = attacks.filter((name) => !/\bof no chapter\b/i.test(read(`test/attacks/${name}`)));
    expect(unsaid.filter((name) => !chapters.some((row) => row.includes(`test/attacks/${name}`)))).toEqual([]);
  });

  it('has a row for every file of attacks', () => {
    const attacks = readdirSync('test/attacks').filter((name) => name.endsWith('.test.ts'));
    expect(attacks.filter((name) => !rows.some((row) => row.includes(`test/attacks/${name}`)))).toEqual([]);
  });

  it('says what is for the operator to do', () => {
    expect(sectionOf('What you are responsible for').split('\n- ').length).toBeGreaterThan(3);
  });
});
