import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../support/process.ts';
import { shared } from '../support/shared.ts';
import { README_PROGRAMS as programs } from './programs.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = shared(temporaryFolder);

/** What a strict compiler says of these programs. */
function complaintsAbout(sources: readonly string[]): Promise<string> {
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
  for (const [n, code] of sources.entries()) write(`program-${n}.ts`, code);
  // Beside the packages of this project, as a reader's program stands beside theirs.
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'));
  // `exactOptionalPropertyTypes` is beyond `strict`, and beyond what the types of the MCP SDK can do.
  const compilerOptions = { exactOptionalPropertyTypes: false, typeRoots: [join(root, 'node_modules/@types')] };
  write('tsconfig.json', JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }));
  // It needs a package of modules: otherwise `await` has no place at the top of a file.
  write('package.json', JSON.stringify({ type: 'module' }));
  const words = [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder.path];
  return new Promise((resolve) =>
    execFile(process.execPath, words, (_error, stdout, stderr) => resolve(stdout + stderr)),
  );
}

describe('the programs of the README of the kit', () => {
  it('are all there', () => {
    expect(programs.map(({ heading }) => heading)).toEqual([
      ...['node:http', 'Express', 'Koa', 'An MCP server whose tools need different scopes', 'Tools that need no token'],
      ...['Any other framework', 'Several resources in one process', 'Revocation', 'Without the feed over HTTP'],
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
