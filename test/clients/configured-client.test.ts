import { expect, it } from '@jest/globals';
import { completeConfiguredClient } from '../../src/clients/index.ts';

const website = { client_id: 'tool', redirect_uris: ['https://tool.example/cb'] };
const secret = { ...website, client_secret: 's' };
const by = (token_endpoint_auth_method: string | null) => ({ token_endpoint_auth_method });
const known = { application_type: 'web', client_name: 'tool.example' };

it.each([
  ['a website', website, known],
  ['a tool with a secret', secret, by('client_secret_basic')],
  ['a tool with a secret and a method', { ...secret, ...by('client_secret_post') }, by('client_secret_post')],
  ['a tool that says nothing of its method', { ...secret, ...by(null) }, by('client_secret_basic')],
  ['blanks around a redirect URI', { ...website, redirect_uris: [' https://tool.example/cb '] }, website],
  ['other members', { ...website, grant_types: ['client_credentials'] }, { grant_types: ['client_credentials'] }],
  ['a gateway, which sends nobody anywhere', { client_id: 'gate', redirect_uris: [] }, { response_types: [] }],
])('a configured client is completed at the start: %s', (_name, client, expected) => {
  const frozen = Object.freeze({ ...client, redirect_uris: Object.freeze(client.redirect_uris) });

  expect(completeConfiguredClient(frozen)).toMatchObject(expected);
});
