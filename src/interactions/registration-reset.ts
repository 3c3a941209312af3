/** How a person makes a tool forget a registration that this server no longer has: no answer of ours can do it (R30). */
export interface Reset {
  readonly tool: string;
  readonly steps: readonly string[];
}

interface KnownTool extends Reset {
  readonly redirectsTo: (redirect: URL) => boolean;
}

const onHost = (host: string) => (redirect: URL) =>
  redirect.hostname === host || redirect.hostname.endsWith(`.${host}`);
const onPort = (port: string) => (redirect: URL) => redirect.protocol === 'http:' && redirect.port === port;
const onScheme = (scheme: string) => (redirect: URL) => redirect.protocol === `${scheme}:`;
const anyOf =
  (...tests: ((redirect: URL) => boolean)[]) =>
  (redirect: URL) =>
    tests.some((test) => test(redirect));

const again = 'Connect again.';

const knownTools: readonly KnownTool[] = [
  {
    tool: 'VS Code',
    redirectsTo: anyOf(onHost('vscode.dev'), onPort('33418')),
    steps: ['Open the command palette and run “Authentication: Remove Dynamic Authentication Providers”.', again],
  },
  {
    tool: 'Cursor',
    redirectsTo: anyOf(onScheme('cursor'), onHost('cursor.com')),
    steps: ['Open Settings, then Tools & MCP, and choose Logout at this server.', again],
  },
  {
    tool: 'Claude Code',
    redirectsTo: anyOf(onScheme('claude'), onPort('3118')),
    steps: [
      'Run “claude mcp remove” with the name of this server, and add it again.',
      'Run /mcp and choose Authenticate.',
    ],
  },
  {
    tool: 'Claude',
    redirectsTo: anyOf(onHost('claude.ai'), onHost('claude.com')),
    steps: ['Open Settings, then Connectors, and remove this connector.', 'Add it again and connect.'],
  },
  {
    tool: 'ChatGPT',
    redirectsTo: onHost('chatgpt.com'),
    steps: ['Open Settings, then Apps & Connectors, and remove this connector.', 'Add it again and connect.'],
  },
  {
    tool: 'MCP Inspector',
    redirectsTo: anyOf(onPort('6274'), onPort('6276')),
    steps: ['Open the OAuth settings and choose “Clear OAuth State”.', again],
  },
];

/** Programs on this computer look alike from here; one of these is usually it. */
const someProgram: Reset = {
  tool: 'Your tool',
  steps: [
    'Claude Code: run “claude mcp remove” with the name of this server, add it again, then /mcp and Authenticate.',
    'Codex: run “codex mcp logout” and then “codex mcp login” with the name of this server.',
    'Tools that use mcp-remote: delete the folder .mcp-auth in your home folder and start the tool again.',
    'Any other tool: remove this server from it, add it again and connect.',
  ],
};

const someTool: Reset = {
  tool: 'Your tool',
  steps: ['Remove this server from your tool, or sign out of it there.', 'Add it again and connect.'],
};

/** The client is unknown, so only the redirect URI of its request tells which tool it may be. */
export function findReset(redirectUri: string | undefined): Reset {
  const redirect = redirectUri === undefined ? null : URL.parse(redirectUri);
  if (!redirect) return someTool;
  return (
    knownTools.find(({ redirectsTo }) => redirectsTo(redirect)) ??
    (redirect.protocol === 'http:' ? someProgram : someTool)
  );
}
