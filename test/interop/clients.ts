/**
 * The table of the client lab, as plain data: which client, how it comes by its client id, which revision of the MCP
 * authorization specification. The tests run every row of it, and `npm run document` writes it into the README.
 */

export const revisions = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof revisions)[number];

export const registrations = ['registered by itself', 'described by a document', 'registered beforehand'] as const;
export type RegistrationKind = (typeof registrations)[number];

/** A client that is installed here and runs. */
export interface RealClient {
  readonly client: string;
  /** The package that is run. */
  readonly name: 'sdk-1' | 'client-2' | 'mcp-remote' | 'inspector' | 'openid-client' | 'oauth4webapi';
  readonly revisions: readonly Revision[];
}

export const realClients: readonly RealClient[] = [
  // It was written before the newest one.
  { client: 'MCP TypeScript SDK 1.x', name: 'sdk-1', revisions: revisions.slice(0, 3) },
  { client: 'MCP TypeScript SDK 2.x', name: 'client-2', revisions },
  { client: 'mcp-remote', name: 'mcp-remote', revisions },
  { client: 'MCP Inspector, its CLI', name: 'inspector', revisions },
  { client: 'openid-client', name: 'openid-client', revisions },
  { client: 'oauth4webapi', name: 'oauth4webapi', revisions },
];

export type RealRow = Omit<RealClient, 'revisions'> & {
  readonly registration: RegistrationKind;
  readonly revision: Revision;
};

export const realRows: readonly RealRow[] = realClients.flatMap(({ revisions: spoken, ...client }) =>
  registrations.flatMap((registration) => spoken.map((revision) => ({ ...client, registration, revision }))),
);

/** Names of registrations, each with the redirect URI that is really used where it is not the first one registered. */
type Registered = Readonly<Record<string, string | undefined>>;

/** A client that cannot run here; its words are played. */
export interface RecordedClient {
  readonly client: string;
  /** As its source, or a log, has them: `real` in `test/fixtures/registrations.json`. */
  readonly recorded?: Registered;
  /** Composed from what people report of it: `synthetic` in the same file. */
  readonly reported?: Registered;
  /** Its names in `test/fixtures/metadata-documents.json`. */
  readonly document?: string | readonly string[];
  /** What is known of its document where nobody wrote the published one down; else that is what is pinned and played. */
  readonly documentFrom?: 'its documentation';
  /** Its source, its documentation, a log or a report: what was read for that, and is read again. */
  readonly sources: readonly string[];
  /** When; left out where its document is pinned, which carries the day. */
  readonly lookedAt?: string;
}

const issue = (repository: string, number: number) => `https://github.com/${repository}/issues/${number}`;
const source = (repository: string, path: string) => `https://github.com/${repository}/blob/main/${path}`;
const september = '2026-09-30';
const november = '2026-11-28';

/** One that registers itself, and publishes no document: as its source or a log has it. */
const recorded = (client: string, registered: Registered, from: string, lookedAt = september): RecordedClient => ({
  client,
  recorded: registered,
  sources: [from],
  lookedAt,
});

/** The same, as people report it. */
const reported = (client: string, name: string, from: string, lookedAt = september): RecordedClient => ({
  client,
  reported: { [name]: undefined },
  sources: [from],
  lookedAt,
});

export const recordedClients: readonly RecordedClient[] = [
  {
    client: 'Claude Code',
    recorded: { 'claude-code': 'http://localhost:51234/callback', 'claude-desktop-app': undefined },
    document: 'claude-code',
    sources: [
      'https://code.claude.com/docs/en/mcp',
      issue('anthropics/claude-code', 59445),
      issue('RevenueCat/ai-toolkit', 58),
    ],
  },
  {
    client: 'Claude on the web, Desktop, mobile',
    recorded: { 'claude-ai': undefined },
    reported: { 'claude-ai-2026': undefined },
    document: 'claude-ai',
    sources: [issue('anthropics/claude-ai-mcp', 1043), issue('anthropics/claude-ai-mcp', 886)],
  },
  {
    client: 'ChatGPT',
    reported: { chatgpt: undefined },
    document: ['chatgpt', 'chatgpt-stable'],
    sources: ['https://developers.openai.com/apps-sdk/build/auth', issue('koala73/worldmonitor', 8305)],
  },
  {
    client: 'Cursor',
    recorded: { cursor: undefined, 'cursor-web': undefined },
    reported: { 'cursor-web-three': 'http://localhost:8787/callback' },
    sources: [issue('better-auth/better-auth', 10946), issue('koala73/worldmonitor', 8303)],
    lookedAt: september,
  },
  {
    client: 'VS Code',
    recorded: { vscode: 'http://127.0.0.1:60000/' },
    document: 'vscode',
    sources: [source('microsoft/vscode', 'src/vs/base/common/oauth.ts')],
  },
  {
    client: 'GitHub Copilot CLI',
    reported: { 'copilot-cli': 'http://127.0.0.1:60123' },
    sources: [issue('dozigden/boardoil', 11), issue('github/copilot-cli', 4606)],
    lookedAt: september,
  },
  {
    client: 'Codex',
    recorded: { codex: 'http://127.0.0.1:50001/callback/AbCdEfGhIjKl' },
    document: ['codex', 'codex-per-server'],
    sources: [
      'https://developers.openai.com/codex/mcp',
      'https://github.com/openai/codex/tree/main/codex-rs/rmcp-client',
    ],
  },
  {
    client: 'v0',
    document: 'v0',
    documentFrom: 'its documentation',
    sources: ['https://v0.app/docs/api/v2/guides/oauth-mcp-servers'],
  },
  recorded(
    'Gemini CLI',
    { 'gemini-cli': 'http://localhost:59999/oauth/callback' },
    source('google-gemini/gemini-cli', 'packages/core/src/mcp/oauth-provider.ts'),
  ),
  {
    client: 'Zed',
    recorded: { zed: 'http://127.0.0.1:51235/callback' },
    document: 'zed',
    sources: [source('zed-industries/zed', 'crates/context_server/src/oauth.rs')],
  },
  {
    client: 'opencode',
    recorded: { opencode: undefined },
    document: 'opencode',
    sources: ['https://github.com/anomalyco/opencode/pull/47737', issue('anomalyco/opencode', 50510)],
  },
  recorded(
    'Cline',
    { 'cline-extension': undefined },
    'https://github.com/cline/cline/tree/main/sdk/packages/core/src/extensions/mcp',
  ),
  recorded(
    'Continue',
    { continue: 'http://localhost:3000' },
    source('continuedev/continue', 'core/context/mcp/MCPOauth.ts'),
  ),
  reported('JetBrains', 'jetbrains', issue('bytebase/bytebase', 20447)),
  reported('LM Studio', 'lm-studio', issue('sigbit/mcp-auth-proxy', 173)),
  recorded('LibreChat', { librechat: undefined }, issue('danny-avila/LibreChat', 11925)),
  reported('Open WebUI', 'open-webui', issue('buildswithpaul/Frappe_Assistant_Core', 65)),
  reported(
    'Cloudflare Agents',
    'cloudflare-agents',
    source('cloudflare/agents', 'packages/agents/src/mcp/do-oauth-client-provider.ts'),
  ),
  reported(
    'MCP Python SDK',
    'python-sdk',
    source('modelcontextprotocol/python-sdk', 'src/mcp/client/auth/oauth2.py'),
    november,
  ),
  reported('FastMCP', 'fastmcp', source('PrefectHQ/fastmcp', 'fastmcp_slim/fastmcp/client/auth/oauth.py'), november),
  recorded(
    'MCP C# SDK',
    { 'csharp-sdk': 'http://localhost:1180/callback' },
    'https://github.com/modelcontextprotocol/csharp-sdk',
  ),
  reported('Spring AI', 'spring-ai', 'https://github.com/spring-ai-community/mcp-security'),
  recorded('turnstone', { turnstone: 'http://127.0.0.1:40001/cb' }, issue('turnstonelabs/turnstone', 1082)),
  recorded('Witsy', { 'unknown-scope': undefined }, issue('openclaw/mcporter', 85)),
];
