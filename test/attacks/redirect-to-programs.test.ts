import { describe, expect, it } from '@jest/globals';
import { watchStore } from '../support/attacked.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** A client whose "redirect URI" starts something on the computer of whoever approves it. MCP security best practices, "Local MCP Server Compromise". */
const store = shared(watchStore);
const server = shared(() => startServer({ env: store.env }));

const ofTheSystem = [
  ...['applescript', 'smb', 'afp', 'ssh', 'itms-services', 'itms-apps', 'ms-msdt', 'ms-officecmd', 'ms-appinstaller'],
  ...[
    'search-ms',
    'intent',
    'mailto',
    'tel',
    'shell',
    'x-apple.systempreferences',
    'shortcuts',
    'vnc',
    'rdp',
    'telnet',
  ],
  ...[
    'nfs',
    'sftp',
    'jnlp',
    'hcp',
    'facetime',
    'market',
    'android-app',
    'content',
    'apt',
    'snap',
    'man',
    'help',
    'ldap',
  ],
  ...['x-help-script', 'admin', 'otpauth', 'upi', 'scp', 'dav+sd', 'xmpp', 'microsoft.windows.camera'],
  ...['microsoft-edge', 'microsoft-edge-holographic', 'sip', 'smsto', 'magnet', 'webcal', 'svn+ssh', 'windowsdefender'],
];

describe('a redirect to a program of the system', () => {
  it.each(ofTheSystem)('is refused, by %s:', async (scheme) => {
    for (const spelling of [scheme, scheme.toUpperCase()]) {
      const registers = () => registerClient(server.issuer, { redirect_uris: [`${spelling}://run/this`] });
      await store.changesNothing(() => expect(registers()).rejects.toThrow(`must not use the scheme ${scheme}`));
    }
  });
});

describe('a redirect to a tool that nobody has heard of', () => {
  it.each([
    ...['zed', 'msapp', 'searchlight', 'sshell', 'smbrowser', 'mantis', 'helper', 'infosys', 'snapcode', 'aptitude-ai'],
    ...['com.example.app', 'x-my-tool', 'itool', 'shellby', 'telescope', 'contentful', 'marketplace-ai'],
    ...['administer', 'bitcoiner', 'microsoft-365-helper', 'x-helper', 'upify'],
  ])('is taken, by %s:', async (scheme) => {
    const { registration } = await registerClient(server.issuer, { redirect_uris: [`${scheme}://callback`] });
    expect(registration.redirect_uris).toEqual([`${scheme}://callback`]);
  });
});
