import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface PolicyFile extends Disposable {
  readonly env: { readonly CONFIG_FILE: string };
}

/** The shipped policy with some members replaced, as a file of its own. */
export function changedPolicy(changes: Record<string, object | string>): PolicyFile {
  const directory = mkdtempSync(join(tmpdir(), 'policy-'));
  const file = join(directory, 'auth.json');
  const shipped = JSON.parse(readFileSync(new URL('../../config/auth.json', import.meta.url), 'utf8'));
  for (const [member, value] of Object.entries(changes)) {
    const isWhole = typeof value === 'string' || Array.isArray(value);
    shipped[member] = isWhole ? value : { ...shipped[member], ...value };
  }
  writeFileSync(file, JSON.stringify(shipped));
  return { env: { CONFIG_FILE: file }, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}
