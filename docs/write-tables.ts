import { readFileSync, writeFileSync } from 'node:fs';
import { policyTable, variablesTable } from '../src/config/index.ts';
import { compatibilityTable } from '../test/interop/compatibility-table.ts';
import { consoleOpenApi } from './console-openapi.ts';

/** `npm run document`: puts the generated tables into README.md, between their markers, and writes the OpenAPI document. Tests hold both current. */
const tables: Record<string, string> = {
  clients: compatibilityTable(),
  variables: variablesTable(),
  policy: policyTable(),
};

let readme = readFileSync('README.md', 'utf8');
for (const [name, table] of Object.entries(tables)) {
  const between = new RegExp(`(<!-- ${name} -->\n\n)[\\s\\S]*?(\n\n<!-- /${name} -->)`);
  if (!between.test(readme)) throw new Error(`README.md has no markers for ${name}`);
  readme = readme.replace(between, (_all, start: string, end: string) => `${start}${table}${end}`);
}
writeFileSync('README.md', readme);
writeFileSync('config/console-openapi.json', `${JSON.stringify(consoleOpenApi(), null, 2)}\n`);
