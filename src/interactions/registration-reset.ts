/** How a person makes a tool forget a registration that this server no longer has: no answer of ours can do it (R30). */
interface Reset {
  /** Its own name; absent where nobody knows which it is. */
  readonly tool?: string;
  /** Of the messages. */
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

const again = 'reset.again';
const addAgain = 'reset.add-again';

const knownTools: readonly KnownTool[] = [
  {
    tool: 'VS Code',
    redirectsTo: anyOf(onHost('vscode.dev'), onPort('33418')),
    steps: ['reset.vscode', again],
  },
  {
    tool: 'Cursor',
    redirectsTo: anyOf(onScheme('cursor'), onHost('cursor.com')),
    steps: ['reset.cursor', again],
  },
  {
    tool: 'Claude Code',
    redirectsTo: anyOf(onScheme('claude'), onPort('3118')),
    steps: ['reset.claude-code', 'reset.claude-code.authenticate'],
  },
  {
    tool: 'Claude',
    redirectsTo: anyOf(onHost('claude.ai'), onHost('claude.com')),
    steps: ['reset.claude', addAgain],
  },
  {
    tool: 'ChatGPT',
    redirectsTo: onHost('chatgpt.com'),
    steps: ['reset.chatgpt', addAgain],
  },
  {
    tool: 'MCP Inspector',
    redirectsTo: anyOf(onPort('6274'), onPort('6276')),
    steps: ['reset.inspector', again],
  },
];

/** Programs on this computer look alike from here; one of these is usually it. */
const someProgram: Reset = {
  steps: ['reset.program.claude-code', 'reset.program.codex', 'reset.program.mcp-remote', 'reset.program.other'],
};

const someTool: Reset = {
  steps: ['reset.tool', addAgain],
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
