import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createPlugin, loadConfig } from '../../src/index.ts';
import { shared } from '../support/shared.ts';

const [introduction = '', configuration = ''] = readFileSync('examples/plugin/README.md', 'utf8').split(/^## /m);
const namesIn = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
/** The cells of each row. */
const rowsOf = (section: string, heading: string) => {
  const table = section.slice(section.indexOf(`| ${heading} |`));
  const rows = table.slice(0, `${table}\n\n`.indexOf('\n\n')).trim().split('\n').slice(2);
  return rows.map((row) => row.split('|').map((cell) => cell.trim()));
};

describe('the documentation of the plugin', () => {
  const plugin = shared(
    async () => {
      const settings = { DATABASE: ':memory:', STORE_SECRET: 'a secret that only tests may know', LOG_LEVEL: 'silent' };
      return await createPlugin(loadConfig(settings));
    },
    (it) => it.close(),
  );

  it('names everything that a plugin has, and that is little', () => {
    const told = [...introduction.matchAll(/\bplugin\.(\w+)|`(\w+)(?:\(\))?`/g)].map(
      ([, used, named]) => used ?? named,
    );
    expect([...new Set(told)].filter((name) => name !== 'loadConfig').sort()).toEqual(Object.keys(plugin).sort());
  });

  it('says of every option that we decide what becomes of the host’s', () => {
    const options = rowsOf(configuration, 'option').flatMap(([, names = '']) => namesIn(names));
    expect(options.sort()).toEqual(Object.keys(plugin.configuration()).sort());
  });

  it('names every feature that we decide', () => {
    const row = configuration.split('\n').find((line) => line.startsWith('| `features` |')) ?? '';
    expect(namesIn(row).sort()).toEqual(['features', ...Object.keys(plugin.configuration().features ?? {})].sort());
  });
});
