import { describe, expect, it } from '@jest/globals';
import { fileIssuesOf, loadWith, policyFile, resource } from './refusal.ts';

const client = { client_id: 'the-gateway', client_secret: 'known to the gateway', redirect_uris: [] };

describe('the client of a resource', () => {
  it('is one of the clients', () => {
    const { policy } = loadWith(
      {},
      policyFile({ resources: [resource({ client: 'the-gateway' })], clients: [client] }),
    );
    expect(policy.resources[0]).toMatchObject({ client: 'the-gateway' });
  });

  it('may be left out', () => {
    expect(loadWith({}).policy.resources[0]?.client).toBeUndefined();
  });

  it('may stand for several resources of one gateway', () => {
    const resources = [
      resource({ client: 'the-gateway' }),
      resource({ client: 'the-gateway', uri: 'https://files.example/mcp' }),
    ];
    expect(() => loadWith({}, policyFile({ resources, clients: [client] }))).not.toThrow();
  });

  it.each([
    ['that does not exist', [], 'is none of `clients`'],
    ['that has no secret', [{ client_id: 'the-gateway', redirect_uris: [] }], 'has no client_secret in `clients`'],
    ['whose secret is empty', [{ ...client, client_secret: '' }], 'has no client_secret in `clients`'],
  ])('is not one %s', (_name, clients, sentence) => {
    expect(fileIssuesOf({ resources: [resource({ client: 'the-gateway' })], clients })).toEqual([
      `resources[0].client: ${sentence}`,
    ]);
  });
});
