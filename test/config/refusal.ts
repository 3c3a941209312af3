import { generateKeyPairSync } from 'node:crypto';
import { ConfigError, type Issue, loadConfig } from '../../src/config/index.ts';

type Variables = Readonly<Record<string, string | undefined>>;
type Changes = Readonly<Record<string, unknown>>;

/** A small, right policy file; `changes` replaces whole members. */
export function policyFile(changes: Changes = {}): Record<string, unknown> {
  return {
    brand: { name: 'Files', accentColor: '#1d4f7a' },
    organizationsUrl: 'https://files.example/organizations/new',
    resources: [resource()],
    roles: { owner: { allow: ['*:*'] } },
    ...changes,
  };
}

export function resource(changes: Changes = {}): Record<string, unknown> {
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
  const policy = typeof file === 'string' ? file : JSON.stringify(file);
  return loadConfig(variables, (path) => (path === variables.SIGNING_KEYS_FILE ? signingKeys : policy));
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signingKeys = JSON.stringify({ keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256' }] });

/** What is made of a policy file that is right but for, or even with, these changes. */
export const policyWith = (changes: Changes) => loadWith({}, policyFile(changes)).policy;

/** Reads the files that are written down here, and no others. */
export const reading =
  (files: Readonly<Record<string, string | Buffer>>) =>
  (path: string, encoding: BufferEncoding): string => {
    const file = files[path];
    if (file === undefined) throw new Error('no such file');
    return Buffer.from(file as Buffer).toString(encoding);
  };

export function errorOf(variables: Variables, file: unknown = policyFile()): ConfigError {
  try {
    loadWith(variables, file);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

export function issuesOf(variables: Variables, file: unknown = policyFile()): readonly Issue[] {
  return errorOf(variables, file).issues;
}

/** The issues of the policy file, as `member: sentence`. */
export function fileIssuesOf(changes: Changes): string[] {
  return issuesOf({}, policyFile(changes)).map(
    ({ where, sentence }) => `${where.replace('config/auth.json › ', '')}: ${sentence}`,
  );
}
