import { describe, expect, it } from '@jest/globals';
import { startAttacked } from '../support/attacked.ts';
import { redirectUri, registerClient, type TokenAnswer } from '../support/relying-party.ts';
import { shared } from '../support/shared.ts';

/** RFC 9700 §4.5, authorization code injection: a stolen code is worth nothing but to the client and the run it was made for. */
const here = shared(startAttacked);
const other = shared(() => registerClient(here.server.issuer));

const verifier = () => here.client.authorizationRequest().verifier;
const challengeOf = (run: { url: URL }) => run.url.searchParams.get('code_challenge') ?? '';
const withCode = (code: string, parameters: Record<string, string> = {}) =>
  here.client.post('token', { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...parameters });

interface Run {
  readonly callback: URL;
  readonly verifier: string;
}
const codeOf = ({ callback }: Run) => callback.searchParams.get('code') ?? '';

const injections: Record<string, (run: Run) => Promise<TokenAnswer>> = {
  'by another client': (run) => other.exchange(run.callback, run.verifier),
  'with another redirect URI (R60, R96)': (run) =>
    here.client.exchange(run.callback, run.verifier, { redirect_uri: 'http://127.0.0.1:9999/callback' }),
  'with a redirect URI that is a slash longer': (run) =>
    here.client.exchange(run.callback, run.verifier, { redirect_uri: `${redirectUri}/` }),
  'into a run of the attacker, with its verifier': (run) => here.client.exchange(run.callback, verifier()),
  'with an empty verifier': (run) => here.client.exchange(run.callback, ''),
  'without a verifier': (run) => withCode(codeOf(run)),
  'with the challenge for a verifier': (run) =>
    here.client.exchange(run.callback, challengeOf(here.client.authorizationRequest())),
  'with the verifier twice its length': (run) => here.client.exchange(run.callback, run.verifier.repeat(2)),
  'with a letter of the code changed': (run) =>
    withCode(
      codeOf(run).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
      { code_verifier: run.verifier },
    ),
};

describe('a stolen code that is redeemed', () => {
  it.each(Object.entries(injections))('%s is refused, and stays good for its client', async (_name, inject) => {
    const run = await here.approved();

    const answer = await here.changesNothing(() => inject(run));

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await here.client.exchange(run.callback, run.verifier)).status).toBe(200);
  });

  it('with what the browser and the server saw of its challenge is refused', async () => {
    const run = here.client.authorizationRequest({ scope: 'project:read' });
    const callback = await here.person.approves(run.url);

    const answer = await here.changesNothing(() => here.client.exchange(callback, challengeOf(run)));

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await here.client.exchange(callback, run.verifier)).status).toBe(200);
  });

  it('after its client is refused, and ends what it was stolen from (RFC 6749 §4.1.2)', async () => {
    const { callback, verifier: right } = await here.approved();
    const first = await here.client.exchange(callback, right);

    const second = await here.client.exchange(callback, right);

    expect(second).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const renewal = await here.changesNothing(() => here.client.refresh(first.body.refresh_token ?? ''));
    expect(renewal).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(here.server.logLines).toContainEqual(
      expect.objectContaining({ event: 'connection.revoked', reason: 'token replayed' }),
    );
  });
});
