import { parseArgs } from 'node:util';
import { checkConsole } from './conformance.ts';
import type { Line } from './conformance-report.ts';
import type { SignJwt } from './directory-credential.ts';

const usage = `bkend-mcp-auth check-console URL --account ID --organization ID [--other-organization ID]
                             [--disabled-account ID] [--sign-in URL] [--json]
  Asks the directory of a console as this server would, and says which promises hold.`;

/** `bkend-mcp-auth check-console …`: what to print, and the exit code (0 all hold, 1 one does not, 2 wrong usage). */
export async function runCheckConsole(
  words: readonly string[],
  server: { readonly issuer: string; readonly sign: SignJwt },
): Promise<{ readonly exitCode: 0 | 1 | 2; readonly text: string }> {
  const request = readWords(words);
  if (!request) return { exitCode: 2, text: usage };
  const lines = await checkConsole({ ...server, ...request });
  const exitCode = lines.every(({ ok }) => ok) ? 0 : 1;
  return { exitCode, text: request.json ? JSON.stringify(lines, null, 2) : table(lines) };
}

function readWords(words: readonly string[]) {
  const option = { type: 'string' } as const;
  try {
    const { positionals, values } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        account: option,
        organization: option,
        'other-organization': option,
        'disabled-account': option,
        'sign-in': option,
        json: { type: 'boolean' },
      },
    });
    const [url, ...more] = positionals;
    const { account, organization } = values;
    if (!url || !URL.canParse(url) || more.length > 0 || account === undefined || organization === undefined)
      return undefined;
    return {
      url: url.replace(/\/$/, ''),
      signIn: values['sign-in'],
      json: values.json === true,
      fixtures: {
        account,
        organization,
        otherOrganization: values['other-organization'],
        disabledAccount: values['disabled-account'],
      },
    };
  } catch {
    return undefined;
  }
}

function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ line }) => line.length));
  const failed = lines.filter(({ ok }) => !ok).length;
  const rows = lines.map(({ line, ok, sentence }) => `${ok ? 'ok  ' : 'FAIL'}  ${line.padEnd(width)}  ${sentence}`);
  return [...rows, failed === 0 ? 'Every line holds.' : `${failed} of ${lines.length} lines do not hold.`].join('\n');
}
