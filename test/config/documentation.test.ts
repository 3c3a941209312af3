import { describe, expect, it } from '@jest/globals';
import { policyTable, variablesTable } from '../../src/config/index.ts';

const variables = [
  ...['NODE_ENV', 'HOST', 'PORT', 'ISSUER', 'REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS'],
  ...['REDIS_SENTINEL_NAME', 'REDIS_USERNAME', 'REDIS_PASSWORD', 'REDIS_TLS', 'REDIS_CA_FILE'],
  ...['REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'],
  ...['REDIS_PREFIX', 'DATABASE', 'CONFIG_FILE', 'COOKIE_KEYS', 'SIGNING_KEYS_FILE'],
  ...['STORE_SECRET', 'TRUSTED_PROXIES', 'HTTPS_PROXY', 'NO_PROXY'],
  ...['SMTP_URL', 'SMTP_USERNAME', 'SMTP_PASSWORD', 'MAIL_FROM'],
  ...['DEMO', 'SHUTDOWN_DELAY', 'METRICS_PORT', 'KEEP_ALIVE_TIMEOUT', 'LOG_LEVEL'],
];

function cells(table: string, column: number): string[] {
  const rows = table.split('\n').slice(2);
  return rows.map((row) => row.split(' | ')[column]?.replace(/^\| /, '') ?? '');
}

describe('the table of variables', () => {
  it('has a row for each variable, in the order of the contract', () => {
    expect(cells(variablesTable(), 0)).toEqual(variables.map((name) => `\`${name}\``));
  });

  it('shows the defaults that really hold', () => {
    const shown = Object.fromEntries(cells(variablesTable(), 1).map((cell, row) => [variables[row], cell]));
    expect(shown).toMatchObject({
      NODE_ENV: '–',
      HOST: '`127.0.0.1`',
      PORT: '`3000`',
      REDIS_PREFIX: '`bkend:`',
      DATABASE: '`data/auth.db`',
      CONFIG_FILE: '`config/auth.json`',
      TRUSTED_PROXIES: 'none',
      LOG_LEVEL: '`info`',
    });
  });

  it('marks what production refuses', () => {
    const marked = cells(variablesTable(), 1).flatMap((cell, row) => (cell.endsWith(' †') ? [variables[row]] : []));
    expect(marked).toEqual(['ISSUER', 'COOKIE_KEYS', 'STORE_SECRET', 'DEMO']);
  });
});

describe('the table of the policy file', () => {
  it('has a row for each member, with its default', () => {
    const table = policyTable();
    expect(table).toContain('| `brand.accentColor` | required | colour of buttons and links');
    expect(table).toContain('| `resources[].uri` | the issuer itself |');
    expect(table).toContain('| `resources[].scopes[].sentence` | required |');
    expect(table).toContain('| `roles.<role>.except` | `[]` |');
    expect(table).toContain('| `lifetimes.refreshToken` | `2592000` |');
    expect(table).toContain('| `lifetimes.connection` | no limit |');
  });

  it.each([
    ['variables', variablesTable],
    ['members', policyTable],
  ])('says something about all %s, in three columns', (_name, table) => {
    for (const row of table().split('\n')) expect(row).toMatch(/^\|([^|]+\|){3}$/);
  });
});
