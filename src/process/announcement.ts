import { createRequire } from 'node:module';
import type { AuthorizationServer } from '../composition/index.ts';
import {
  type Config,
  findMissingWords,
  findMisspeltVariables,
  processVariables,
  takesPasswords,
} from '../config/index.ts';
import { demonstrationAccounts, demonstrationPassword } from '../directory/index.ts';
import { describeStore } from './describe-store.ts';

interface Started {
  readonly server: AuthorizationServer;
  readonly config: Config;
  readonly port: number;
  /** Whether the demonstration MCP server answers at the issuer. */
  readonly hasMcpServer: boolean;
}

/** What runs here, where it listens, and for which MCP servers; with `DEMO` also what to do next. */
export function announce({ server: { issuer, log }, config, port, hasMcpServer }: Started): void {
  const { host, demo, policyFile, policy } = config;
  const resources = policy.resources.map(({ uri = issuer }) => uri);
  const facts = { version: versionOfThis(), store: describeStore(config.store), configuration: policyFile };
  log.info(
    {
      event: 'start',
      issuer,
      host,
      port,
      resources,
      ...facts,
      directory: policy.directory.url ?? 'built-in',
      ...(policy.identityProviders.length > 0 && { identityProviders: policy.identityProviders.map(({ id }) => id) }),
      demonstration: demo,
    },
    // One URL: tools take the address of a start line for that of the MCP server.
    `listening on ${host} port ${port} as ${issuer}`,
  );
  for (const { where, sentence } of findMisspeltVariables(processVariables()))
    log.warn({ event: 'start.variable', variable: where }, `${where} ${sentence}`);
  const missing = findMissingWords(policy);
  if (missing.length > 0)
    log.warn(
      { event: 'start.words', places: missing.map(({ where }) => where) },
      'words are missing in a language of the pages: `bkend-mcp-auth config check` names them',
    );
  if (config.egressProxy) {
    // Not its URL: that may hold a password.
    const sentence =
      'client metadata documents come through HTTPS_PROXY: hosts are judged by their names, addresses by the proxy';
    log.info({ event: 'start.proxy', proxy: new URL(config.egressProxy.url).host }, sentence);
  }
  if (config.production && issuer.startsWith('https:') && config.trustedProxies.length === 0)
    log.warn(
      { event: 'start.proxies' },
      'TRUSTED_PROXIES is not set: behind a proxy everybody has its address, and shares the limits of one stranger',
    );
  if (!demo) return;
  process.stdout.write(
    [
      '',
      ...(hasMcpServer ? nextStep(issuer) : yourOwn(issuer, resources)),
      ...(takesPasswords(policy) ? accounts() : []),
      '',
      '',
    ].join('\n'),
  );
}

/** By our own name: the sources and what is compiled of them lie at different depths. */
function versionOfThis(): string {
  return createRequire(import.meta.url)('bkend-mcp-auth/package.json').version;
}

/** For the person in front of the terminal. */
function nextStep(url: string): string[] {
  return [`  Give your AI tool this URL:  ${url}`, `    e.g.  claude mcp add --transport http bkend ${url}`];
}

/** An image or a package without the demonstration: the MCP servers are elsewhere, and only they answer a tool. */
function yourOwn(issuer: string, resources: readonly string[]): string[] {
  const elsewhere = resources.filter((uri) => uri !== issuer).map((uri) => `    ${uri}`);
  return [
    ...(elsewhere.length > 0 ? ['  Give your AI tool the URL of your MCP server:', ...elsewhere] : []),
    `  See who is connected at  ${issuer}/oauth/account`,
  ];
}

function accounts(): string[] {
  const lines = demonstrationAccounts.map(({ email, memberships }) => {
    const organizations = memberships.map(({ name, role }) => `${name} (${role})`).join(', ') || 'no organization';
    return `    ${email.padEnd(18)}  ${organizations}`;
  });
  return [`  and sign in, password ${demonstrationPassword}, as`, ...lines];
}
