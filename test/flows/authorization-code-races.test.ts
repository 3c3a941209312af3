import { describe, expect, it } from '@jest/globals';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';
import { recordsOf, type TestStoreKind, testStores } from '../support/test-store.ts';

const rounds = 50;
const parallel = 50;

describe.each(Object.keys(testStores) as TestStoreKind[])('an authorization code kept in %s', (kind) => {
  const kept = shared(() => testStores[kind]());
  const server = shared(() => startServer({ env: kept.env }));
  const client = shared(() => registerClient(server.issuer));
  const person = shared(() => createPerson(server.origin));

  async function approvedCode() {
    const { url, verifier } = client.authorizationRequest({ scope: 'project:read' });
    return { callback: await person.approves(url), verifier };
  }

  it('leaves the store after ten minutes', async () => {
    await approvedCode();

    const [code] = await recordsOf(kept, 'authorization-code');

    expect(code?.secondsLeft).toBeGreaterThan(590);
    expect(code?.secondsLeft).toBeLessThanOrEqual(600);
  });

  it(`is redeemed once, even when ${parallel} requests race, in ${rounds} rounds (RFC 6749 §4.1.2)`, async () => {
    const outcomes: string[] = [];
    const renewals = new Set<string | undefined>();
    for (let round = 0; round < rounds; round += 1) {
      const { callback, verifier } = await approvedCode();
      const racers = Array.from({ length: parallel }, () => client.exchange(callback, verifier));
      const answers = await Promise.all(racers);
      outcomes.push(tally(answers));
      const winner = answers.find(({ status }) => status === 200);
      renewals.add((await client.refresh(winner?.body.refresh_token ?? '')).body.error);
    }

    expect(new Set(outcomes)).toEqual(new Set([`200: 1, invalid_grant: ${parallel - 1}`]));
    // And ends the connection, however close the second one came.
    expect(renewals).toEqual(new Set(['invalid_grant']));
  });
});

function tally(answers: readonly { status: number; body: { error?: string } }[]): string {
  const outcomes = Map.groupBy(answers, ({ status, body }) => body.error ?? String(status));
  return [...outcomes]
    .map(([outcome, all]) => `${outcome}: ${all.length}`)
    .sort()
    .join(', ');
}
