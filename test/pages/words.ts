import { withoutAddresses } from '../support/page-text.ts';

/** Of tools, people, organizations and formats. What the menu of a tool says stands in quotation marks, and is not read. */
const names =
  /bkend official Claude|Claude Code|Claude|Cursor|VS Code|ChatGPT|Codex|mcp-remote|MCP Inspector|Example|Zed|Our tool|A tool|MCP|OAuth|AI|URL|bkend|Ada Lovelace|Ada|Linus|Laptop|Acme Corp|Acme|Globex|Vault|Empty|Team-\d|English|Authenticate|Mac|Chrome|A browser|QR|cursor:(?:\/\/[\w./-]+)?|zed\.dev/g;

/** English words among those that somebody reads, or hears. */
export const englishIn = (text: string): string[] =>
  withoutAddresses(text)
    .replaceAll(names, ' ')
    .match(/[A-Za-z]{2,}/g) ?? [];
