/** One message as it is written, and where. */
interface WrittenMessage {
  readonly source: string;
  readonly line: number;
}

interface WrittenMessages {
  readonly messages: ReadonlyMap<string, WrittenMessage>;
  readonly issues: readonly { readonly line: number; readonly sentence: string }[];
}

const sectionForm = /^\[([a-zA-Z0-9_.-]+)\]$/;
const messageForm = /^([a-zA-Z0-9_.-]+)\s*=\s*(.*)$/;

/**
 * Like an INI file: `[section]`, `key = message`, `#` before a comment; a line that begins with a space goes on with the
 * message before it. The key of a message is `section.key`.
 */
export function readMessageFile(text: string): WrittenMessages {
  const messages = new Map<string, WrittenMessage>();
  const issues: { line: number; sentence: string }[] = [];
  let section = '';
  let current = '';

  function add(line: number, key: string, source: string): void {
    current = `${section}.${key}`;
    if (messages.has(current)) issues.push({ line, sentence: `has ${current} a second time` });
    else messages.set(current, { source, line });
  }

  function goOn(line: number, more: string): void {
    const before = messages.get(current);
    if (before) messages.set(current, { ...before, source: `${before.source} ${more}`.trim() });
    else issues.push({ line, sentence: 'goes on with a message, and there is none before it' });
  }

  function begin(line: number, written: string): void {
    const [, key, source] = messageForm.exec(written) ?? [];
    if (key !== undefined && source !== undefined) {
      add(line, key, source);
      return;
    }
    const [, named] = sectionForm.exec(written) ?? [];
    current = '';
    if (named === undefined) issues.push({ line, sentence: 'is neither `[section]`, `key = message` nor a comment' });
    else section = named;
  }

  for (const [index, written] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (/^\s/.test(written)) goOn(index + 1, trimmed);
    else begin(index + 1, trimmed);
  }
  return { messages, issues };
}
