import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface InstalledPackage {
  /** The project into which it was installed, and nothing else. */
  readonly project: string;
  /** What a program there finds in its environment. */
  readonly env: Record<string, string>;
  remove(): void;
}

/**
 * What `npm publish` would publish, in an empty project, with what it depends on in the versions of our own lock: npm has
 * those at hand since it installed this project, and asks the registry only when somebody emptied its cache.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const project = mkdtempSync(join(tmpdir(), 'mcp-auth-package-'));
  await run('npm', ['pack', '--silent', '--pack-destination', project]);
  const tarball = `file:${readdirSync(project).find((name) => name.endsWith('.tgz'))}`;
  const empty = { name: 'empty', version: '1.0.0', private: true, type: 'module' };
  const manifest = { ...empty, dependencies: { 'bkend-mcp-auth': tarball } };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lockFor(manifest, tarball)));
  await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: project });
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return { project, env: { PATH: path }, remove: () => rmSync(project, { recursive: true, force: true }) };
}

/** Ours without what only developers need: a package that lacks a dependency does not find it here, either. */
function lockFor(manifest: object, tarball: string) {
  const { packages, ...lock } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const { '': own, ...others } = packages;
  const needed = Object.entries<{ dev?: boolean }>(others).filter(([, { dev }]) => !dev);
  const { devDependencies: _notPublished, ...published } = own;
  return {
    ...lock,
    packages: {
      '': manifest,
      ...Object.fromEntries(needed),
      'node_modules/bkend-mcp-auth': { ...published, resolved: tarball },
    },
  };
}
