import { describe, expect, it } from '@jest/globals';
import type { Context } from 'koa';
import { startServer } from '../support/server.ts';
import { shared } from '../support/shared.ts';

/** What `sessions` takes for granted about the inside of oidc-provider: a new version that differs is told apart here. */
const server = shared(startServer);
const provider = shared(() => server.server.app);

const asked = { req: { headers: {}, socket: {} }, res: { getHeader: () => undefined }, secure: false };

describe('a session of oidc-provider', () => {
  it('is in the store under its new identifier only, once that was reset and saved', async () => {
    const session = new provider.Session();
    session.loginAccount({ accountId: 'ada', amr: ['pwd'], loginTs: 1 });
    await session.save(60);
    const before = session.jti;
    session.resetIdentifier();
    await session.save(60);

    expect(session.jti).not.toBe(before);
    expect(await provider.Session.find(before)).toBeUndefined();
    expect(await provider.Session.find(session.jti)).toMatchObject({ accountId: 'ada', loginTs: 1, uid: session.uid });
  });

  it('has an end only when it is kept, whichever way it was found', async () => {
    const unknown = await provider.Session.get(asked as unknown as Context);
    expect([unknown.exp, unknown.accountId]).toEqual([undefined, undefined]);
    await unknown.save(60);
    expect(unknown.exp).toEqual(expect.any(Number));
    expect((await provider.Session.find(unknown.jti))?.exp).toBe(unknown.exp);
  });

  it('is gone by its identifier and by its uid, once it is destroyed', async () => {
    const session = new provider.Session();
    await session.save(60);
    await session.destroy();
    expect(await provider.Session.find(session.jti)).toBeUndefined();
    expect(await provider.Session.findByUid(session.uid)).toBeUndefined();
  });
});

it('an interaction of oidc-provider keeps the session to which it is bound, its result and its time to live', async () => {
  const { Interaction } = provider as unknown as { Interaction: new (uid: string, payload: object) => Kept };
  const interaction = new Interaction('a-flow', { returnTo: 'http://localhost:3000/auth/a-flow', params: {} });
  await interaction.save(60);
  const { exp } = interaction;
  const kept = { session: { accountId: 'ada', uid: 'of-ada' }, result: { login: { accountId: 'ada' } } };
  await Object.assign(interaction, kept).persist();

  expect(await provider.Interaction.find('a-flow')).toMatchObject({ exp, ...kept });
});

interface Kept {
  exp: number;
  save(ttl: number): Promise<string>;
  persist(): Promise<string>;
}
