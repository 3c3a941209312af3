import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'gateway/README.md'), 'utf8');
const programs = [...readme.matchAll(/^#+ ([^\n]+)\n(?:(?!^#)[^\n]*\n)*?```ts\n([\s\S]*?)```/gm)].map(
  ([, heading = '', code = '']) => ({ heading, code }),
);

let folder: string;
beforeAll(() => {
  // Beside the packages of this project, as a reader's program stands beside theirs.
  folder = mkdtempSync(join(tmpdir(), 'readme-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a strict compiler says of these programs. */
function complaintsAbout(sources: readonly string[]): Promise<string> {
  for (const [n, code] of sources.entries()) writeFileSync(join(folder, `program-${n}.ts`), code);
  const compilerOptions = {
    // Beyond `strict`, and beyond what the types of the MCP SDK can do.
    exactOptionalPropertyTypes: false,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const settings = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  // It needs a package of modules: otherwise `await` has no place at the top of a file.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  return new Promise((resolve) =>
    execFile(process.execPath, [compiler, '--noEmit', '-p', folder], (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  );
}

describe('the programs of the README of the kit', () => {
  it('are all there', () => {
    expect(programs.map(({ heading }) => heading)).toEqual([
      'node:http',
      'Express',
      'Koa',
      'An MCP server whose tools need different scopes',
      'Tools that need no token',
      'Any other framework',
      'Several resources in one process',
      'Revocation',
      'Without the feed over HTTP',
    ]);
  });

  it('have no error that a strict compiler finds, and one that is made is found', async () => {
    const wrong = (programs[0]?.code ?? '').replace('identity.accountId', 'identity.account');
    const complaints = await complaintsAbout([...programs.map(({ code }) => code), wrong]);
    expect(complaints.trim().split('\n')).toEqual([
      expect.stringMatching(new RegExp(`program-${programs.length}\\.ts.*TS2551: Property 'account' does not exist`)),
    ]);
  });
});
