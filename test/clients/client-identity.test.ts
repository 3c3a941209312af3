import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createIdentifyClient, describeDestination } from '../../src/clients/index.ts';
import { documents } from '../interop/documents.ts';

const identify = createIdentifyClient({
  brand: 'bkend',
  documents: { enabled: true, trusted: ['trusted.example'] },
  isConfigured: (id) => id === 'my-tool' || id === 'https://configured.example/client.json',
  findLogo: () => '/logo',
});
const web = 'https://tool.example/client.json';
const loopback = '127.0.0.1:8765';

type Body = { client_name?: string | null; redirect_uris?: string[] };

const read = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
const { real, synthetic } = read('registrations');
const registered = Object.entries({ ...real, ...synthetic } as Record<string, Body>).map(
  ([tool, body]) => [tool, 'dyn-1', body.client_name, body.redirect_uris ?? []] as const,
);
const published = Object.entries(documents).map(
  ([tool, { url, document }]) => [tool, url, document.client_name, document.redirect_uris ?? []] as const,
);

describe('who asks', () => {
  const [configured, below] = ['https://configured.example/client.json', 'https://x.trusted.example/c'];
  const logo = { logo: '/logo' };
  it.each<[string, string, string, object]>([
    ['known, where the operator configured it', 'my-tool', 'known', logo],
    ['known, where it was configured by its URL', configured, 'known', logo],
    ['known, where its host is trusted', 'https://trusted.example/c', 'known', { host: 'trusted.example', ...logo }],
    ['published, where its document is elsewhere', web, 'published', { host: 'tool.example', ...logo }],
    ['published, below a host that is trusted', below, 'published', { host: 'x.trusted.example', ...logo }],
    ['claimed, where it registered', 'dyn-1', 'claimed', {}],
    ['claimed, where it is configured no more', 'former-tool', 'claimed', {}],
  ])('is %s', (_sentence, clientId, assurance, shown) => {
    const identity = identify({ clientId, clientName: 'Some tool', place: loopback });
    expect(identity).toEqual({ name: 'Some tool', assurance, pretences: [], initial: 'S', ...shown });
  });

  it.each([
    ['é́a tool', 'É́'],
    ['  “도구”', '도'],
    ['o\u0302k', 'O\u0302'],
    ['x', 'X'],
    ['4 tools', '4'],
    ['👩🏽‍💻', '👩🏽‍💻'],
  ])('has the first letter of %s for an initial', (clientName, initial) =>
    expect(identify({ clientId: 'dyn-1', clientName, place: loopback }).initial).toBe(initial),
  );
});

describe('a name that pretends (R92)', () => {
  const kindsOf = (clientName: string, place = loopback, clientId = 'dyn-1') =>
    identify({ clientId, clientName, place }).pretences.map(({ kind }) => kind);

  it.each([
    ...['bkend', 'BKEND', 'bkend CLI', 'My bkend'],
    ...['b k e n d', 'Bk End', 'b-k_e.n·d'],
    // Cyrillic е; Cyrillic Ь, К and Е; Cyrillic в and Greek ε.
    ...['bkеnd', 'ЬКЕND', 'вkεnd'],
    ...['ｂｋｅｎｄ', '𝗯𝗸𝗲𝗻𝗱', 'ⓑⓚⓔⓝⓓ', '🅱🅺🅴🅽🅳'],
    ...['b\u200Bk\u200Den\u2060d', 'b\u00ADkend', 'b\u3164kend'],
    ...['bk\u0301e\u0301nd', 'bkénd'],
    ...['bk3nd', 'BkendHelper', '\u202Ebkend'],
  ])('is found where it takes the brand: %s', (name) => expect(kindsOf(name)).toContain('brand'));

  it.each([
    ...['Official client', 'OFFICIAL', 'o f f i c i a l'],
    ...['оfficial', 'Ofﬁcial', '0fficia1'],
    ...['Verified tool', '공식 도구'],
  ])('is found where it claims an approval: %s', (name) => expect(kindsOf(name)).toEqual(['approval']));

  it.each([
    ...['Claude', 'claude code', 'Сlaude', 'Claude Pro', 'MyClaude', 'C l a u d e', 'Cursоr'],
    ...['VSCode', 'Visual Studio Code', 'Chat-GPT'],
    ...['v0 by Vercel', 'vO by Vercel', 'V0', 'v0 Helper', 'ｖ𝟎', 'ѵ0'],
  ])('is found where it is a known tool’s and comes from another host: %s', (name) => {
    expect(kindsOf(name, 'evil.example')).toEqual(['tool']);
    expect(kindsOf(name, loopback, web)).toEqual(['tool']);
    // Where a program on this computer takes over, no host tells one from another.
    expect(kindsOf(name)).toEqual([]);
  });

  const lookalikes = ['claude.ai.evil.example', 'evil-claude.ai', 'notclaude.com'];
  it.each(lookalikes)('is not hidden by a host that reads like the tool’s: %s', (host) => {
    const kinds = kindsOf('Claude', host);
    expect(kinds).toEqual(['tool']);
  });

  it('shows no picture, and names the tool and its host', () => {
    const identity = identify({ clientId: web, clientName: 'Claude', place: loopback });
    expect(identity).not.toHaveProperty('logo');
    expect(identity.pretences).toEqual([{ kind: 'tool', tool: 'Claude', host: 'claude.ai' }]);
  });

  it.each([
    ...['Backend', 'Unofficial client', 'Unverified tool', '비공식 도구'],
    ...['Continue to app', 'Precursor', 'Gooseberry', 'Vorschau'],
    ...['Preview v0', 'VO', 'Vo Nguyen', 'v.o.'],
  ])('is not found in an honest one: %s', (name) => expect(kindsOf(name, 'tool.example')).toEqual([]));

  it('is nothing that the operator would be accused of', () => {
    expect(kindsOf('bkend official', loopback, 'my-tool')).toEqual([]);
    expect(kindsOf('Claude', loopback, 'https://trusted.example/c')).toEqual([]);
  });

  it('is judged by its host each time, also by one that spells what others lack', () => {
    const pretences = (place: string) => identify({ clientId: 'dyn-1', clientName: 'Claude', place }).pretences;
    expect(pretences('undefined')).toEqual([expect.objectContaining({ kind: 'tool' })]);
    expect(pretences(loopback)).toEqual([]);
    expect(pretences('undefined')).toEqual([expect.objectContaining({ kind: 'tool' })]);
  });

  it('of one letter or two is found as a word only', () => {
    const short = createIdentifyClient({
      brand: 'Io',
      documents: { enabled: true, trusted: [] },
      isConfigured: () => false,
      findLogo: () => undefined,
    });
    const kinds = (clientName: string) => short({ clientId: 'dyn-1', clientName, place: loopback }).pretences;
    expect(kinds('Radio')).toEqual([]);
    expect(kinds('My IO')).toEqual([{ kind: 'brand' }]);
  });

  it.each([...registered, ...published])('is not what %s has', (_tool, clientId, clientName, redirectUris) => {
    for (const uri of redirectUris) {
      const { place } = describeDestination(uri);
      expect(identify({ clientId, clientName: clientName ?? undefined, place }).pretences).toEqual([]);
    }
  });
});
