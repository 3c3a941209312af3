import type { Revision } from './clients.ts';

/** What a client of this revision sends to call the tool, without a session before it. */
export function whoamiRequest(revision: Revision, accessToken: string): RequestInit {
  const { headers, ...rest } = toolCall(revision, 'whoami');
  return { ...rest, headers: { Authorization: `Bearer ${accessToken}`, ...headers } };
}

/** The same for any tool without arguments, and without a token. */
export function toolCall(revision: Revision, name: string) {
  const isModern = revision === '2026-07-28';
  const call = { name, arguments: {}, ...(isModern && { _meta: modernMembers(revision) }) };
  const headers: Record<string, string> = {
    Accept: 'application/json, text/event-stream',
    'Content-Type': 'application/json',
    'MCP-Protocol-Version': revision,
    ...(isModern && { 'Mcp-Method': 'tools/call', 'Mcp-Name': name }),
  };
  return {
    method: 'POST',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: call }),
  };
}

/** Since 2026-07-28 every request says what an `initialize` said before. */
function modernMembers(revision: Revision) {
  return {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientInfo': { name: 'editor', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
}

/** The answer is one JSON document, or a stream of events of which it is the only one. */
export async function readWhoami(answer: Response): Promise<Record<string, unknown>> {
  const text = await answer.text();
  const message = /^data: (\{.*)$/m.exec(text)?.[1] ?? text;
  const { result } = answer.ok ? JSON.parse(message) : {};
  if (!result?.structuredContent) throw new Error(`whoami is answered ${answer.status}: ${text}`);
  return result.structuredContent;
}
