import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

it('leaves the fetch of the process, and what oidc-provider guards it with, as Node has them', () => {
  const module = new URL('../../src/clients/undici.ts', import.meta.url);
  // As oidc-provider 9.13 does it (lib/helpers/fetch_request.js): a dispatcher of the kind that the process has.
  const program = `
    const { Agent } = await import('${module}');
    const own = globalThis[Symbol.for('undici.globalDispatcher.2')] ?? globalThis[Symbol.for('undici.globalDispatcher.1')];
    const options = { dispatcher: new own.constructor() };
    const error = await fetch('http://127.0.0.1:1', options).catch((error) => error);
    console.log(own instanceof Agent, error.cause.code ?? error.cause.message);
  `;
  const options = { encoding: 'utf8', stdio: 'pipe' } as const;
  expect(execFileSync(process.execPath, ['--input-type=module', '--eval', program], options)).toMatch(
    /^false (bad port|ECONNREFUSED)/,
  );
});
