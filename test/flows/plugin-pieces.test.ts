import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Provider from 'oidc-provider';
import { createPlugin, loadConfig, type Plugin } from '../../src/index.ts';

const [, configuration = '', pieces = ''] = readFileSync('examples/plugin/README.md', 'utf8').split(/^## /m);
const namesIn = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);
/** The first cell of each row, and that every other cell says something. */
const rowsOf = (section: string, heading: string) => {
  const table = section.slice(section.indexOf(`| ${heading} |`));
  const rows = table.slice(0, `${table}\n\n`.indexOf('\n\n')).trim().split('\n').slice(2);
  return rows.map((row) => row.split('|').map((cell) => cell.trim()));
};

describe('the documentation of the plugin', () => {
  let plugin: Plugin;
  beforeAll(async () => {
    const settings = { DATABASE: ':memory:', STORE_SECRET: 'a secret that only tests may know', LOG_LEVEL: 'silent' };
    plugin = await createPlugin(loadConfig(settings));
  });
  afterAll(() => plugin.close());

  it('says of every adjustment and every middleware what is lost without it, in the order of their use', () => {
    const middleware = plugin.middleware(new Provider(plugin.issuer, plugin.configuration()));
    for (const [heading, known] of Object.entries({ adjustment: plugin.adjustments, middleware })) {
      const rows = rowsOf(pieces, heading);
      expect(rows.map(([, name]) => name)).toEqual(Object.keys(known).map((name) => `\`${name}\``));
      for (const [, , does, without] of rows) expect([does, without]).not.toContain('');
    }
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
