/** A tool that people know by its name, and where that name comes from. Kept beside the README's table of clients. */
export interface KnownTool {
  readonly name: string;
  readonly spellings: readonly string[];
  /** Of its maker, each with everything below it, the one to name first. */
  readonly hosts: readonly string[];
  /** An ordinary word as well: only a name that begins with it means the tool. */
  readonly isWord?: true;
}

const anthropic = ['claude.ai', 'claude.com', 'anthropic.com'];
const openai = ['chatgpt.com', 'openai.com'];
const vscode = ['vscode.dev', 'visualstudio.com', 'microsoft.com'];

/** Without those that people run on hosts of their own (LibreChat, Open WebUI, n8n): these come from anywhere. */
export const knownTools: readonly KnownTool[] = [
  { name: 'Claude', spellings: ['Claude', 'Claude Code', 'Claude Desktop', 'Anthropic'], hosts: anthropic },
  { name: 'ChatGPT', spellings: ['ChatGPT', 'Chat GPT', 'OpenAI'], hosts: openai },
  { name: 'Codex', spellings: ['Codex'], hosts: openai },
  { name: 'Cursor', spellings: ['Cursor', 'Anysphere'], hosts: ['cursor.com', 'cursor.sh', 'anysphere.co'] },
  { name: 'Visual Studio Code', spellings: ['Visual Studio Code', 'VS Code', 'VSCode'], hosts: vscode },
  {
    name: 'GitHub Copilot',
    spellings: ['GitHub Copilot'],
    hosts: ['github.com', 'githubcopilot.com', ...vscode],
  },
  { name: 'Gemini', spellings: ['Gemini', 'Google Gemini'], hosts: ['google.com', 'gemini.google'] },
  { name: 'Zed', spellings: ['Zed', 'Zed Editor'], hosts: ['zed.dev'], isWord: true },
  {
    name: 'v0',
    spellings: ['v0', 'v0 by Vercel', 'Vercel v0'],
    hosts: ['v0.app', 'v0.dev', 'vercel.com'],
    isWord: true,
  },
  { name: 'opencode', spellings: ['opencode'], hosts: ['opencode.ai'] },
  { name: 'Cline', spellings: ['Cline'], hosts: ['cline.bot'], isWord: true },
  { name: 'Continue', spellings: ['Continue Dev', 'Continue.dev'], hosts: ['continue.dev'] },
  { name: 'JetBrains', spellings: ['JetBrains'], hosts: ['jetbrains.com'] },
  { name: 'LM Studio', spellings: ['LM Studio'], hosts: ['lmstudio.ai'] },
  { name: 'Windsurf', spellings: ['Windsurf', 'Codeium'], hosts: ['windsurf.com', 'codeium.com'], isWord: true },
  { name: 'Goose', spellings: ['Goose'], hosts: ['goose-docs.ai', 'block.xyz'], isWord: true },
  { name: 'Grok', spellings: ['Grok'], hosts: ['grok.com', 'x.ai'] },
  { name: 'Perplexity', spellings: ['Perplexity'], hosts: ['perplexity.ai'] },
];
