/**
 * Schemes that are no client's own (R20): an answer sent to one of these is script, a leak, or a door into the person's
 * computer, whatever the client meant. Private-use schemes of tools (RFC 8252 §7.1) are never among them.
 */
const refused: ReadonlySet<string> = new Set([
  // A browser runs them, or shows what they contain or wrap as a page.
  ...['about', 'blob', 'chrome', 'chrome-extension', 'data', 'devtools', 'feed', 'file', 'filesystem', 'its', 'jar'],
  ...['javascript', 'mk', 'moz-extension', 'res', 'resource', 'vbscript', 'view-source', 'wyciwyg'],
  // They hand what follows to another browser or program, past the rules of this one.
  ...['googlechrome', 'googlechromes', 'intent', 'microsoft-edge', 'search', 'shell'],
  // Other protocols: the code would travel in the clear, into a message, or nowhere.
  ...['ftp', 'ftps', 'mailto', 'sms', 'tel', 'urn', 'ws', 'wss'],
]);

/**
 * What programs of Windows and Office open by URL: `ms-msdt` and `ms-officecmd` ran commands, `ms-appinstaller` installs,
 * `ms-word` opens documents of strangers, and `search-ms` shows their shares. Refused as families: there are dozens.
 */
const ofWindows = /^(?:ms-|search-ms$)/;

export function isRefusedScheme(scheme: string): boolean {
  return refused.has(scheme) || ofWindows.test(scheme);
}
