import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pageHeaders } from './page-headers.ts';

/** The one page with a script: browsers make and use passkeys for a script only (Web Authentication §5.1). */
const scripted = 'passkey';
const SCRIPT = new URL('../../views/partials/passkey-script.ejs', import.meta.url);

/** What a page is sent with: no script runs on any but that one, and there none but this, by its hash (CSP 3 §2.3.1). */
export function createPageHeaders(): (template: string) => Readonly<Record<string, string>> {
  const hash = createHash('sha256').update(readFileSync(SCRIPT)).digest('base64');
  const policy = pageHeaders['Content-Security-Policy'];
  const withScript = { ...pageHeaders, 'Content-Security-Policy': `${policy}; script-src 'sha256-${hash}'` };
  return (template) => (template === scripted ? withScript : pageHeaders);
}
