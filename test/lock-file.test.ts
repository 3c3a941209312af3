import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Locked {
  readonly version?: string;
  readonly optionalDependencies?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

const packages = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages as Record<string, Locked>;

describe('the lock file', () => {
  it('names every package that some other platform needs: `npm ci` refuses a lock that a registry without them wrote', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it('belongs to exact versions', () => {
    const wanted = ['', 'gateway', 'test/node26'].flatMap((path) => {
      const { dependencies = {}, devDependencies = {} } = packages[path] as Locked;
      return Object.entries({ ...dependencies, ...devDependencies });
    });
    // A package of this repository has no version of its own to be exact about; what it wants is looked at as well.
    const ranges = wanted.filter(
      ([, version]) => !/^(file:test\/node26|(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?)$/.test(version),
    );
    expect(ranges).toEqual([]);
  });
});
