import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { type Config, findMissingWords, loadConfig } from '../../src/config/index.ts';
import { createMessages } from '../../src/messages/index.ts';

const file = fileURLToPath(new URL('../../config/auth.json', import.meta.url));

function shipped(): Config['policy'] {
  return loadConfig({ CONFIG_FILE: file }).policy;
}

describe('the shipped policy', () => {
  it('offers one resource, the issuer itself, with the catalogue that bkend promises', () => {
    const [resource, ...others] = shipped().resources;
    expect(others).toEqual([]);
    expect(resource).not.toHaveProperty('uri');
    expect(resource).toMatchObject({
      name: 'bkend',
      defaultScopes: ['*:read', '*:create', '*:update'],
    });
    expect(resource?.scopes.map((scope) => scope.name)).toEqual([
      'organization:read',
      ...['project:read', 'project:create', 'project:update', 'project:delete'],
      ...['environment:read', 'environment:create', 'environment:delete'],
      ...['table:read', 'table:create', 'table:update', 'table:delete'],
      ...['table:data:read', 'table:data:create', 'table:data:update', 'table:data:delete'],
      'access-token:read',
    ]);
  });

  it('gathers the scopes in groups, and says each in a sentence of its own, in both languages', () => {
    const scopes = shipped().resources[0]?.scopes ?? [];
    const groups = {
      en: ['Organization', 'Project', 'Environment', 'Table schema', 'Table data', 'Access tokens'],
      ko: ['조직', '프로젝트', '환경', '테이블 구조', '테이블 데이터', '액세스 토큰'],
    };
    for (const language of ['en', 'ko'] as const) {
      const { pick } = createMessages().for(language);
      expect([...new Set(scopes.map(({ group }) => pick(group)))]).toEqual(groups[language]);
      expect(new Set(scopes.map(({ sentence }) => pick(sentence))).size).toBe(scopes.length);
    }
    expect(findMissingWords(shipped())).toEqual([]);
  });

  it('gives the four roles what the contract says', () => {
    expect(shipped().roles).toEqual({
      owner: { allow: ['*:*'], except: [] },
      admin: { allow: ['*:*'], except: [] },
      member: { allow: ['*:*'], except: ['*:delete'] },
      viewer: { allow: ['*:read'], except: [] },
    });
  });

  it('keeps the lifetimes and the limits that bkend promises', () => {
    expect(shipped()).toMatchObject({
      organizationsUrl: 'https://console.bkend.ai/organizations/new',
      lifetimes: {
        accessToken: 3600,
        refreshToken: 2_592_000,
        authorizationCode: 600,
        refreshGrace: 60,
      },
      signIn: {
        failuresPerAccount: 10,
        failuresPerAddress: 50,
        windowSeconds: 900,
        passwordChangeEndsConnections: true,
      },
      limits: {
        renewalsPerHour: 240,
        registrationsPerMinute: 9,
        authorizationsPerMinute: 9,
        tokenFailuresPerMinute: 9,
        hostedClients: ['claude.ai', 'claude.com', 'chatgpt.com'],
        hostedPerMinute: 6000,
        unusedRegistrations: 10_000,
        unusedDocuments: 1000,
        unfinishedSignIns: 50_000,
        requestsAtOnce: 1000,
        waitingPasswords: 100,
      },
      clients: [],
    });
    expect(shipped().lifetimes).not.toHaveProperty('connection');
  });

  it('is read anew at each start, and never from a copy in code', () => {
    const text = readFileSync(file, 'utf8').replace('"accessToken": 3600', '"accessToken": 1800');
    expect(loadConfig({}, () => text).policy.lifetimes.accessToken).toBe(1800);
  });
});
