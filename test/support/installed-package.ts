import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const kitName = '@bkend/mcp-gateway';

export interface InstalledPackage {
  /** The project into which it was installed, and nothing else. */
  readonly project: string;
  /** What a program there finds in its environment. */
  readonly env: Record<string, string>;
  remove(): void;
}

interface Locked {
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly devDependencies?: object;
}

/**
 * What `npm publish` would publish, in an empty project, with what it depends on in the versions of our own lock: npm has
 * those at hand since it installed this project, and asks the registry only when somebody emptied its cache.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const project = createProject();
  // The kit of the same commit: the registry may not have it yet.
  const kit = await packKit(project);
  const own = await pack('.', project);
  const { packages } = readLock();
  const needed = Object.entries(packages).filter(
    ([path, { dev, link }]) => path.startsWith('node_modules/') && !dev && !link,
  );
  return install(project, 'bkend-mcp-auth', own, {
    ...Object.fromEntries(needed),
    'node_modules/bkend-mcp-auth': published(packages[''], own),
    [`node_modules/${kitName}`]: published(packages.gateway, kit),
  });
}

/** The same for the gateway kit alone: whoever has a gateway installs nothing else. */
export async function installKit(): Promise<InstalledPackage> {
  const project = createProject();
  const kit = await packKit(project);
  const { packages } = readLock();
  return install(project, kitName, kit, {
    [`node_modules/${kitName}`]: published(packages.gateway, kit),
    'node_modules/jose': packages['node_modules/jose'],
  });
}

function createProject(): string {
  return mkdtempSync(join(tmpdir(), 'mcp-auth-package-'));
}

function readLock(): { readonly packages: Record<string, Locked> } {
  return JSON.parse(readFileSync('package-lock.json', 'utf8'));
}

/** Packed in a copy, because packing rewrites the manifest for a moment, and other tests use the kit meanwhile. */
async function packKit(destination: string): Promise<string> {
  // Inside this project, so that the compiler and `jose` are found.
  mkdirSync('data', { recursive: true });
  const copy = mkdtempSync(join('data', 'kit-'));
  try {
    cpSync('gateway', copy, { recursive: true, filter: (path) => !path.split(sep).includes('dist') });
    return await pack(copy, destination);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** The name of the tarball, as a manifest beside it spells it. */
async function pack(folder: string, destination: string): Promise<string> {
  const before = readdirSync(destination);
  await run('npm', ['pack', '--silent', '--pack-destination', destination], { cwd: folder });
  return `file:${readdirSync(destination).find((name) => name.endsWith('.tgz') && !before.includes(name))}`;
}

/** Without what only developers need: a package that lacks a dependency does not find it here, either. */
function published({ devDependencies: _notPublished, ...own }: Locked = {}, tarball: string): object {
  return { ...own, resolved: tarball };
}

async function install(project: string, name: string, tarball: string, packages: object): Promise<InstalledPackage> {
  const manifest = {
    ...{ name: 'empty', version: '1.0.0', private: true, type: 'module' },
    dependencies: { [name]: tarball },
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const lock = { ...readLock(), packages: { '': manifest, ...packages } };
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify(lock));
  await run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: project });
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  return { project, env: { PATH: path }, remove: () => rmSync(project, { recursive: true, force: true }) };
}
