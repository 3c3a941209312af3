import { describe, expect, it } from '@jest/globals';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, testStores } from '../support/test-store.ts';

/** A client whose "redirect URI" starts something on the computer of whoever approves it. MCP security best practices, "Local MCP Server Compromise". */
const kept = shared(() => testStores.SQLite());
const server = shared(() => startServer({ env: kept.env }));

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
  ...['microsoft-edge', 'microsoft-edge-holographic', 'sip', 'smsto', 'magnet', 'webcal', 'svn+ssh', 'windowsdefender'],
];

describe('a redirect to a program of the system', () => {
  it.each(ofTheSystem)('is refused, by %s:', async (scheme) => {
    const before = await recordsOf(kept, 'client');
    for (const spelling of [scheme, scheme.toUpperCase()]) {
      const registers = registerClient(server.issuer, { redirect_uris: [`${spelling}://run/this`] });
      await expect(registers).rejects.toThrow(`must not use the scheme ${scheme}`);
    }
    expect(await recordsOf(kept, 'client')).toEqual(before);
  });
});

describe('a redirect to a tool that nobody has heard of', () => {
  it.each([
    ...['zed', 'msapp', 'searchlight', 'sshell', 'smbrowser', 'mantis', 'helper', 'infosys', 'snapcode', 'aptitude-ai'],
    ...['com.example.app', 'x-my-tool', 'itool', 'shellby', 'telescope', 'contentful', 'marketplace-ai'],
  ])('is taken, by %s:', async (scheme) => {
    const { registration } = await registerClient(server.issuer, { redirect_uris: [`${scheme}://callback`] });
    expect(registration.redirect_uris).toEqual([`${scheme}://callback`]);
  });
});
