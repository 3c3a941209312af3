import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { aDirectoryServer } from '../console/a-directory-server.ts';
import { connect } from '../support/connect.ts';
import { eventually } from '../support/eventually.ts';
import { changedPolicy } from '../support/policy.ts';
import { temporaryFolder } from '../support/process.ts';
import { freePort } from '../support/redis.ts';
import { registerClient } from '../support/relying-party.ts';
import { startServer } from '../support/server.ts';

/** docs/sign-in.md, from local accounts to a console. */
it('connections of local accounts go on when these move to a console under their ids; who is not known there is refused', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const consoleServer = await aDirectoryServer();
  stack.defer(() => consoleServer.close());
  const port = await freePort();
  const env = { DATABASE: join(folder.path, 'auth.db') };

  const before = await startServer({ port, env });
  const tool = await registerClient(before.issuer);
  const [moved, forgotten] = await Promise.all([
    connect(before),
    connect(before, { actions: { email: 'solo@example.com' } }),
  ]);
  await before.close();
  const { sub, org_id: organization, grant_id: connection } = decodeJwt(moved.accessToken);
  expect([sub, organization]).toEqual([expect.stringMatching(/^acc_/), expect.stringMatching(/^org_/)]);

  const account = `/directory/accounts/${sub}`;
  const membership = { organization: { id: organization, slug: 'acme', name: 'Acme Corp' }, role: 'viewer' };
  Object.assign(consoleServer.answers, {
    [account]: { id: sub, email: 'somebody.else@example.com', name: 'Under another email', disabled: false },
    [`${account}/memberships`]: [membership],
    [`${account}/memberships/${organization}`]: membership,
  });
  using policy = changedPolicy({
    directory: {
      kind: 'console',
      signIn: 'https://console.example.com/sign-in',
      url: consoleServer.url,
      client: 'console',
    },
    clients: [{ client_id: 'console', client_secret: 'a secret', redirect_uris: [] }],
  });
  const after = stack.use(await startServer({ port, env: { ...env, ...policy.env } }));

  const isReady = () =>
    fetch(`${after.origin}/readyz`).then(
      ({ ok }) => ok,
      // A connection that is kept since before.
      () => false,
    );
  await eventually(isReady);
  const renewed = await moved.client.refresh(moved.refreshToken);
  expect(decodeJwt(String(renewed.body.access_token))).toMatchObject({
    ...{ sub, org_id: organization, grant_id: connection },
    org_role: 'viewer',
  });
  expect((await forgotten.client.refresh(forgotten.refreshToken)).body.error).toBe('invalid_grant');
  // The session of before is none: the console is asked.
  const again = await moved.person.browser.open(tool.authorizationRequest().url.href);
  expect([after.issuer, again.url.origin]).toEqual([before.issuer, 'https://console.example.com']);
});
