import { expect, it } from '@jest/globals';
import { completeConfiguredClient } from '../../src/clients/index.ts';

const website = { client_id: 'tool', redirect_uris: ['https://tool.example/cb'] };
const known = { application_type: 'web', client_name: 'tool.example' };

it.each([
  ['a website', website, known],
  ['a tool with a secret', { ...website, client_secret: 's' }, { token_endpoint_auth_method: 'client_secret_basic' }],
  [
    'a tool with a secret and a method',
    { ...website, client_secret: 's', token_endpoint_auth_method: 'client_secret_post' },
    { token_endpoint_auth_method: 'client_secret_post' },
  ],
  [
    'a tool that says nothing of its method',
    { ...website, client_secret: 's', token_endpoint_auth_method: null },
    { token_endpoint_auth_method: 'client_secret_basic' },
  ],
  ['blanks around a redirect URI', { ...website, redirect_uris: [' https://tool.example/cb '] }, website],
  ['other members', { ...website, grant_types: ['client_credentials'] }, { grant_types: ['client_credentials'] }],
  ['a gateway, which sends nobody anywhere', { client_id: 'gate', redirect_uris: [] }, { response_types: [] }],
])('a configured client is completed at the start: %s', (_name, client, expected) => {
  const frozen = Object.freeze({ ...client, redirect_uris: Object.freeze(client.redirect_uris) });

  expect(completeConfiguredClient(frozen)).toMatchObject(expected);
});
