import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { consoleOpenApi } from '../../docs/console-openapi.ts';

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

  it('describes both directions', () => {
    expect(Object.keys(document.paths)).toEqual([
      '/oauth/directory/challenges/{login_challenge}',
      '/oauth/directory/challenges/{login_challenge}/accept',
      '/oauth/directory/challenges/{login_challenge}/reject',
      '/oauth/directory/events',
      '/accounts/{id}',
      '/accounts/{id}/memberships',
      '/accounts/{id}/memberships/{organization}',
    ]);
  });

  it('says which members an event of each type must have', () => {
    const [aboutAccount] = document.components.schemas.Events.items.allOf;
    expect(aboutAccount.if.properties.type.enum).not.toContain('organization.deleted');
    expect(aboutAccount.then.required).toEqual(['account']);
  });
});
