import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { createPerson, type Person } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

const shipped = JSON.parse(readFileSync(new URL('../../config/auth.json', import.meta.url), 'utf8'));
const catalogue: string[] = shipped.resources[0].scopes.map(({ name }: { name: string }) => name);
const wildcards = ['*:*', '*:read', '*:delete', 'project:*', 'table:*', 'table:data:*'];

/** Said a second time, in other words than the server's, for three people with their roles. */
const people = [
  { email: 'demo@example.com', organization: 'acme', allows: () => true },
  { email: 'demo@example.com', organization: 'globex', allows: (scope: string) => scope.endsWith(':read') },
  { email: 'solo@example.com', organization: 'initech', allows: (scope: string) => !scope.endsWith(':delete') },
];

function isRequested(requested: readonly string[], scope: string) {
  return requested.some((each) => new RegExp(`^${each.replace(/^\*:/, '.+:').replace(/:\*$/, ':[^:]+')}$`).test(scope));
}

describe('whatever is requested, by whoever, and whatever is ticked', () => {
  let server: TestServer;
  let persons: Person[];

  beforeAll(async () => {
    server = await startServer();
    persons = people.map(({ email, organization }) => createPerson(server.origin, { email, organization }));
    const { url } = (await registerClient(server.issuer)).authorizationRequest();
    for (const person of persons) await person.approves(url);
  });
  afterAll(() => server.close());

  /** The scopes of the token; nothing when the page asked to tick at least one. */
  async function issued(who: number, requested: string[], ticked: string[]): Promise<string[]> {
    const person = persons[who] as Person;
    const organization = String(people[who]?.organization);
    // New: one that is connected already is shown what it has as well.
    const client = await registerClient(server.issuer);
    const { url, verifier } = client.authorizationRequest({ scope: requested.join(' '), organization });
    const consent = await person.browser.open(url.href);
    const rest = await person.browser.submit(consent, '/consent', { scope: ticked, organization });
    if (rest.status === 422) return [];
    const { body } = await client.exchange(rest.url, verifier);
    expect(decodeJwt(body.access_token ?? '').scope).toBe(body.scope);
    return (body.scope ?? '').split(' ');
  }

  it('a token carries what was requested, the role allows and stayed ticked: no more, no less (decision 9)', async () => {
    const requests = fc.uniqueArray(fc.constantFrom(...catalogue, ...wildcards), { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(
      fc.nat(people.length - 1),
      requests,
      fc.subarray([...catalogue, 'never:heard', 'openid']),
      async (who, requested, ticked) => {
        const allows = people[who]?.allows as (scope: string) => boolean;
        const expected = catalogue.filter(
          (scope) => isRequested(requested, scope) && allows(scope) && ticked.includes(scope),
        );
        expect(await issued(who, requested, ticked)).toEqual(expected);
      },
    );

    await fc.assert(property, { numRuns: 60, seed: 20260801 });
  });
});
