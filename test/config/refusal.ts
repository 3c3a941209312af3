import { ConfigError, loadConfig, type Problem } from '../../src/config/index.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** A small, right policy file; `changes` replaces whole members. */
export function policyFile(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    brand: { name: 'Files', accentColor: '#1d4f7a' },
    organizationsUrl: 'https://files.example/organizations/new',
    resources: [resource()],
    roles: { owner: { allow: ['*:*'] } },
    ...changes,
  };
}

export function resource(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'Files',
    defaultScopes: ['*:read'],
    scopes: [
      { name: 'file:read', group: 'File', sentence: 'See files' },
      { name: 'file:data:read', group: 'File', sentence: 'Read what is in files' },
      { name: 'file:delete', group: 'File', sentence: 'Delete files' },
    ],
    ...changes,
  };
}

export function loadWith(variables: Variables, file: unknown = policyFile()) {
  return loadConfig(variables, () => (typeof file === 'string' ? file : JSON.stringify(file)));
}

export function errorOf(variables: Variables, file: unknown = policyFile()): ConfigError {
  try {
    loadWith(variables, file);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

export function problemsOf(variables: Variables, file: unknown = policyFile()): readonly Problem[] {
  return errorOf(variables, file).problems;
}

/** The mistakes of the policy file, as `member: sentence`. */
export function fileProblemsOf(changes: Readonly<Record<string, unknown>>): string[] {
  return problemsOf({}, policyFile(changes)).map(
    ({ where, sentence }) => `${where.replace('config/auth.json › ', '')}: ${sentence}`,
  );
}
