import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { consoleOpenApi } from '../../docs/console-openapi.ts';
import { accountEnquiry, membershipEnquiry, membershipsEnquiry } from '../../src/console/directory-answers.ts';
import { consoleEndpoints } from '../../src/console/index.ts';
import { theEndpoints } from './endpoints.ts';

const document = JSON.parse(readFileSync('config/console-openapi.json', 'utf8'));

describe('config/console-openapi.json', () => {
  it('is what the schemas of the code make of it: `npm run document`', () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(consoleOpenApi())));
  });

  it('refers to nothing that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    const find = (path: string) => path.split('/').reduce((at, name) => at?.[name], document);
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((path) => find(path) === undefined)).toEqual([]);
  });

  it('describes what is served and what is asked, and nothing else', () => {
    const served = consoleEndpoints({
      issuer: 'https://api.example.com/mcp',
      clientAddress: () => '',
      handlers: theEndpoints().endpoints,
    }).flatMap(({ path, methods }) =>
      methods.map((method) => `${method} ${path.replace('/mcp', '').replace(':challenge', '{login_challenge}')}`),
    );
    const asked = [accountEnquiry('{id}'), membershipsEnquiry('{id}'), membershipEnquiry('{id}', '{organization}')];
    const described = Object.entries<object>(document.paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((member) => !['parameters', 'servers'].includes(member))
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...served, ...asked.map(({ path }) => `GET ${decodeURIComponent(path)}`)].sort());
  });

  it('says which members an event of each type must have', () => {
    const [aboutAccount] = document.components.schemas.Events.items.allOf;
    expect(aboutAccount.if.properties.type.enum).not.toContain('organization.deleted');
    expect(aboutAccount.then.required).toEqual(['account']);
  });
});
