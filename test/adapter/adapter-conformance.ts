import { describe, expect, it } from '@jest/globals';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { shared } from '../support/shared.ts';

export interface AdapterUnderTest {
  readonly adapter: (model: string) => Adapter;
  close(): Promise<void>;
}

/** What not every adapter can do; the reference cannot. */
export interface Abilities {
  /** Of parallel callers of `consume` exactly one succeeds. */
  readonly takesOnce: boolean;
}

/**
 * What oidc-provider relies on, proven on its own MemoryAdapter before it judges ours.
 * Identifiers are chosen by the test; every test has its own. Codes begin with the id of their connection.
 */
export function anAdapter(name: string, create: () => Promise<AdapterUnderTest>, { takesOnce }: Abilities): void {
  describe(name, () => {
    const current = shared(create);
    const of = (model: string) => current.adapter(model);
    const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
    const keep = (model: string, jti: string, fields: object = {}) =>
      of(model).upsert(jti, { exp: inAnHour(), jti, ...fields } as AdapterPayload, 60);

    describe('remembers', () => {
      it.each(['AuthorizationCode', 'Session', 'InitialAccessToken'])(
        'what was written as a %s, with the identifier it was written under',
        async (model) => {
          const fields = { accountId: 'ada', scope: 'project:read' };
          await keep(model, 'g.kept', fields);
          expect(await of(model).find('g.kept')).toMatchObject({ jti: 'g.kept', ...fields });
        },
      );

      it('the newest version', async () => {
        await keep('Interaction', 'changed', { returnTo: 'here' });
        await keep('Interaction', 'changed', { returnTo: 'there' });
        expect(await of('Interaction').find('changed')).toMatchObject({ returnTo: 'there' });
      });

      it('a client without a lifetime, with the secret it was told', async () => {
        const client = { client_id: 'dyn-1', client_name: 'A tool', redirect_uris: ['http://127.0.0.1/'] };
        await of('Client').upsert('dyn-1', client as AdapterPayload);
        expect(await of('Client').find('dyn-1')).toMatchObject(client);
      });

      it('models apart from each other', async () => {
        await keep('AuthorizationCode', 'g.same');
        expect(await of('RefreshToken').find('g.same')).toBeUndefined();
      });
    });

    describe('forgets', () => {
      it('what was destroyed', async () => {
        await keep('Session', 'gone', { uid: 'gone-uid' });
        await of('Session').destroy('gone');
        expect(await of('Session').find('gone')).toBeUndefined();
        expect(await of('Session').findByUid('gone-uid')).toBeUndefined();
      });

      it('nothing when something unknown is destroyed', () =>
        expect(of('Session').destroy('never-was')).resolves.toBeUndefined());

      it('what it never knew', async () => {
        for (const model of ['AuthorizationCode', 'RefreshToken', 'Grant', 'Client'])
          expect(await of(model).find('never-was')).toBeUndefined();
        expect(await of('Session').findByUid('never-was')).toBeUndefined();
        expect(await of('DeviceCode').findByUserCode('NEVER')).toBeUndefined();
      });
    });

    describe('is found', () => {
      it('by the uid of its session', async () => {
        await keep('Session', 'by-uid', { uid: 'the-uid', accountId: 'ada' });
        expect(await of('Session').findByUid('the-uid')).toMatchObject({ uid: 'the-uid', accountId: 'ada' });
      });

      it('by the uid also after the session got another identifier', async () => {
        await keep('Session', 'before', { uid: 'moved-uid', accountId: 'ada' });
        await of('Session').destroy('before');
        await keep('Session', 'after', { uid: 'moved-uid', accountId: 'ada' });
        expect(await of('Session').findByUid('moved-uid')).toMatchObject({ accountId: 'ada' });
      });
    });

    describe('is used once', () => {
      it('and says when', async () => {
        await keep('AuthorizationCode', 'g.used');
        await of('AuthorizationCode').consume('g.used');
        expect((await of('AuthorizationCode').find('g.used'))?.consumed).toBeTruthy();
      });

      it('and is not marked before', async () => {
        await keep('AuthorizationCode', 'g.unused');
        expect((await of('AuthorizationCode').find('g.unused'))?.consumed).toBeUndefined();
      });

      if (!takesOnce) return;

      it('by exactly one of twenty parallel callers, in fifty rounds (RFC 6749 §4.1.2)', async () => {
        for (let round = 0; round < 50; round += 1) {
          const id = `g.raced-${round}`;
          await keep('AuthorizationCode', id);
          const uses = Array.from({ length: 20 }, () => of('AuthorizationCode').consume(id));
          const results = await Promise.allSettled(uses);
          expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        }
      });

      it('and tells the losers so in the words of OAuth', async () => {
        await keep('AuthorizationCode', 'g.taken');
        await of('AuthorizationCode').consume('g.taken');
        for (const id of ['g.taken', 'g.never-was'])
          await expect(of('AuthorizationCode').consume(id)).rejects.toMatchObject({
            error: 'invalid_grant',
            statusCode: 400,
          });
      });
    });
  });
}
