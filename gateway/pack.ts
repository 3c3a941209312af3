import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * What `npm pack` publishes. In this repository `exports` names the sources, which Node runs as they are and which are
 * never out of date. Below `node_modules` Node strips no types, so there the package is compiled. npm has no setting for
 * other exports in the tarball (`publishConfig.exports` is pnpm's), but it reads package.json after `prepack`: while it
 * packs, `exports` names what was compiled, and `postpack` names the sources again.
 *
 *   node pack.ts prepare    compiles, then names what was compiled
 *   node pack.ts restore    names the sources
 */
process.chdir(fileURLToPath(new URL('.', import.meta.url)));

type Target = string | { readonly types: string; readonly default: string };

const targetOf: Record<string, (source: string) => Target> = {
  prepare: (source) => ({ types: `./dist/${source}.d.ts`, default: `./dist/${source}.js` }),
  restore: (source) => `./src/${source}.ts`,
};

const [, , command = ''] = process.argv;
const createTarget = targetOf[command];
if (!createTarget) throw new Error(`unknown: ${command}`);
if (command === 'prepare') {
  rmSync('dist', { recursive: true, force: true });
  execFileSync('tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
for (const [name, target] of Object.entries<Target>(manifest.exports)) {
  const source = /^\.\/(?:src|dist)\/(.*?)(?:\.d)?\.ts$/.exec(typeof target === 'string' ? target : target.types)?.[1];
  if (source) manifest.exports[name] = createTarget(source);
}
// In one step: whoever resolves the package meanwhile must not read half a file.
writeFileSync('package.json.new', `${JSON.stringify(manifest, null, 2)}\n`);
renameSync('package.json.new', 'package.json');
