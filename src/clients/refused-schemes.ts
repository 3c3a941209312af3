/**
 * Schemes that are no client's own (R20): an answer sent to one of these is script, a leak, or a door into the person's
 * computer, whatever the client meant. Private-use schemes of tools (RFC 8252 §7.1) are never among them, and a tool that
 * nobody has heard of is welcome: a list of those we know would be out of date the next day.
 */
const refused: ReadonlySet<string> = new Set([
  // A browser runs them, or shows what they contain or wrap as a page.
  ...['about', 'blob', 'chrome', 'chrome-extension', 'data', 'devtools', 'feed', 'file', 'filesystem', 'its', 'jar'],
  ...['javascript', 'mk', 'moz-extension', 'res', 'resource', 'vbscript', 'view-source', 'wyciwyg'],
  // They hand what follows to another browser or program, past the rules of this one.
  ...['googlechrome', 'googlechromes', 'intent', 'microsoft-edge', 'search', 'shell'],
  // Android starts whatever the address describes, or shows what another app keeps.
  ...['android-app', 'content', 'market', 'package'],
  // macOS and iOS: scripts, settings, help, installations.
  ...[
    'app-prefs',
    'applescript',
    'help',
    'macappstore',
    'macappstores',
    'prefs',
    'shortcuts',
    'workflow',
    'x-man-page',
  ],
  // Windows: help, Java, calendars, Office, its defence.
  ...['hcp', 'jnlp', 'jnlps', 'ldap', 'ldaps', 'onenote', 'onenote-cmd', 'outlook', 'stssync', 'windowsdefender'],
  // Linux: package managers and help, and files as root.
  ...['admin', 'appstream', 'apt', 'apt+http', 'ghelp', 'info', 'man', 'snap', 'trash'],
  // They put somebody else's secret among the codes of the person, or ask them to pay.
  ...['bitcoin', 'otpauth', 'otpauth-migration', 'payto', 'upi'],
  // They mount a share, log in elsewhere, or send the name and password of the person there.
  ...[
    'afc',
    'afp',
    'cifs',
    'dav',
    'dav+sd',
    'davs',
    'davs+sd',
    'fish',
    'mtp',
    'nfs',
    'rdp',
    'rlogin',
    'rsync',
    'scp',
    'sftp',
    'smb',
    'ssh',
    'telnet',
    'tn3270',
    'vnc',
  ],
  // They call, or write to somebody.
  ...[
    'callto',
    'facetime',
    'facetime-audio',
    'imessage',
    'mailto',
    'mms',
    'mmsto',
    'sip',
    'sips',
    'sms',
    'smsto',
    'tel',
    'xmpp',
  ],
  // Other protocols: the code would travel in the clear, or nowhere.
  ...['dict', 'ftp', 'ftps', 'geo', 'git', 'gopher', 'imap', 'irc', 'ircs', 'magnet', 'news', 'nntp', 'pop', 'rtsp'],
  ...['svn', 'svn+ssh', 'urn', 'webcal', 'webcals', 'tftp', 'ws', 'wss'],
]);

/**
 * What programs of a system open by URL, refused as families: there are dozens. Windows and Office: `ms-msdt` and
 * `ms-officecmd` ran commands, `ms-appinstaller` installs, `ms-word` opens documents of strangers, and `search-ms` shows
 * their shares. Apple: `itms-services` installs apps, `x-apple.systempreferences` opens settings, `x-help-script` ran scripts.
 */
const ofSystems = /^(?:ms-|search-ms$|microsoft-edge|microsoft\.windows|itms|x-apple|x-help-)/;

export function isRefusedScheme(scheme: string): boolean {
  return refused.has(scheme) || ofSystems.test(scheme);
}
