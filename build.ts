import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';

/**
 * What `npm pack` publishes: Node runs our TypeScript as it is, but not below `node_modules`, so the library is compiled.
 * Beside the code go the files it reads at run time, at the same relative places.
 */
rmSync('dist', { recursive: true, force: true });
// The kit is a package of its own: here only its types are needed, or its sources would be compiled into this one.
for (const project of ['gateway/tsconfig.build.json', 'tsconfig.build.json'])
  execFileSync('node_modules/.bin/tsc', ['--project', project], { stdio: 'inherit' });
cpSync('views', 'dist/views', { recursive: true });
cpSync('config/auth.json', 'dist/config/auth.json');
for (const language of ['en', 'ko']) cpSync(`src/messages/${language}.mf2`, `dist/src/messages/${language}.mf2`);
cpSync('src/storage/redis/scripts', 'dist/src/storage/redis/scripts', { recursive: true });
