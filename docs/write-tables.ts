import { readFileSync, writeFileSync } from 'node:fs';
import { policyTable, variablesTable } from '../src/config/index.ts';
import { compatibilityTable } from '../test/interop/compatibility-table.ts';

/** Puts the generated tables into README.md, between their markers: `npm run document`. A test holds them current. */
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
