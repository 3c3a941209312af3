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
  {
    client: 'MCP TypeScript SDK 1.x',
    name: 'sdk-1',
    // It was written before the newest one.
    revisions: ['2025-03-26', '2025-06-18', '2025-11-25'],
  },
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
  /** Its names in `test/fixtures/metadata-documents.json`, which are composed from reports, too. */
  readonly document?: string | readonly string[];
  /** When its source, its documentation or a log was read for that. */
  readonly lookedAt: string;
}

export const recordedClients: readonly RecordedClient[] = [
  {
    client: 'Claude Code',
    recorded: { 'claude-code': 'http://localhost:51234/callback', 'claude-desktop-app': undefined },
    document: 'claude-code',
    lookedAt: '2026-09-30',
  },
  {
    client: 'Claude on the web, Desktop, mobile',
    recorded: { 'claude-ai': undefined },
    reported: { 'claude-ai-2026': undefined },
    document: 'claude-ai',
    lookedAt: '2026-09-30',
  },
  { client: 'ChatGPT', reported: { chatgpt: undefined }, document: 'chatgpt', lookedAt: '2026-09-30' },
  {
    client: 'Cursor',
    recorded: { cursor: undefined, 'cursor-web': undefined },
    reported: { 'cursor-web-three': 'http://localhost:8787/callback' },
    lookedAt: '2026-09-30',
  },
  { client: 'VS Code', recorded: { vscode: 'http://127.0.0.1:60000/' }, document: 'vscode', lookedAt: '2026-09-30' },
  { client: 'GitHub Copilot CLI', reported: { 'copilot-cli': 'http://127.0.0.1:60123' }, lookedAt: '2026-09-30' },
  {
    client: 'Codex',
    recorded: { codex: 'http://127.0.0.1:50001/callback/AbCdEfGhIjKl' },
    document: ['codex', 'codex-per-server'],
    lookedAt: '2026-11-28',
  },
  { client: 'v0', document: 'v0', lookedAt: '2026-11-28' },
  { client: 'Gemini CLI', recorded: { 'gemini-cli': 'http://localhost:59999/oauth/callback' }, lookedAt: '2026-09-30' },
  { client: 'Zed', recorded: { zed: 'http://127.0.0.1:51235/callback' }, document: 'zed', lookedAt: '2026-09-30' },
  { client: 'opencode', recorded: { opencode: undefined }, document: 'opencode', lookedAt: '2026-11-28' },
  { client: 'Cline', recorded: { 'cline-extension': undefined }, lookedAt: '2026-09-30' },
  { client: 'Continue', recorded: { continue: 'http://localhost:3000' }, lookedAt: '2026-09-30' },
  { client: 'JetBrains', reported: { jetbrains: undefined }, lookedAt: '2026-09-30' },
  { client: 'LM Studio', reported: { 'lm-studio': undefined }, lookedAt: '2026-09-30' },
  { client: 'LibreChat', recorded: { librechat: undefined }, lookedAt: '2026-09-30' },
  { client: 'Open WebUI', reported: { 'open-webui': undefined }, lookedAt: '2026-09-30' },
  { client: 'Cloudflare Agents', reported: { 'cloudflare-agents': undefined }, lookedAt: '2026-09-30' },
  { client: 'MCP Python SDK', reported: { 'python-sdk': undefined }, lookedAt: '2026-11-28' },
  { client: 'FastMCP', reported: { fastmcp: undefined }, lookedAt: '2026-11-28' },
  { client: 'MCP C# SDK', recorded: { 'csharp-sdk': 'http://localhost:1180/callback' }, lookedAt: '2026-09-30' },
  { client: 'Spring AI', reported: { 'spring-ai': undefined }, lookedAt: '2026-09-30' },
  { client: 'turnstone', recorded: { turnstone: 'http://127.0.0.1:40001/cb' }, lookedAt: '2026-09-30' },
  { client: 'Witsy', recorded: { 'unknown-scope': undefined }, lookedAt: '2026-09-30' },
];
