import type { GatewayError } from './gateway-error.ts';
import { isObject } from './messages.ts';

/** Which tools an answer may list. */
export interface ToolsFilter {
  readonly allows: (name: string) => boolean;
  /** Told of an answer that could not be filtered, and so was not given. */
  readonly onRefusal: (error: GatewayError) => void;
}

type Allows = ToolsFilter['allows'];

/** A text of JSON, without the tools that may not be listed; what is no JSON is nobody's list. */
export function filterJson(text: string, allows: Allows): string {
  const message = parse(text);
  const filtered = filterMessage(message, allows);
  return filtered === message ? text : JSON.stringify(filtered);
}

/** The message, or the batch of messages; itself when nothing of it is to be changed. */
function filterMessage(message: unknown, allows: Allows): unknown {
  if (Array.isArray(message)) {
    const filtered = message.map((each) => filterMessage(each, allows));
    return filtered.every((each, index) => each === message[index]) ? message : filtered;
  }
  if (!isObject(message) || !isObject(message.result)) return message;
  const { tools, cacheScope } = message.result;
  if (!Array.isArray(tools)) return message;
  const allowed = tools.filter((tool) => !isObject(tool) || allows(String(tool.name)));
  // MCP 2026-07-28 lets lists be kept for everybody; this one is for its token.
  const isPublic = cacheScope === 'public';
  if (allowed.length === tools.length && !isPublic) return message;
  const result = { ...message.result, tools: allowed, ...(isPublic && { cacheScope: 'private' }) };
  return { ...message, result };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
