import { describe, expect, it, jest } from '@jest/globals';
import { createRegistrations } from '../../src/adapter/index.ts';
import { systemClock } from '../../src/clock.ts';
import { createRecordNames, createVault, openStore } from '../../src/storage/index.ts';
import { closing } from '../support/closing.ts';
import { fresh } from '../support/shared.ts';

const lifetimes = { unused: 60, signedIn: 60, used: 60 };

describe('a registration that is pushed out', () => {
  const store = fresh(() => closing(openStore({ kind: 'sqlite', file: ':memory:' }, () => undefined)));
  const names = createRecordNames('', createVault('a secret of at least thirty-two characters'));

  const open = () => createRegistrations({ store, names, lifetimes, mostUnused: 1, clock: systemClock });
  const register = async (registrations: ReturnType<typeof open>, id: string) => {
    await registrations.keepClient(id, '{}');
    await registrations.keepToken(`token of ${id}`, '{}', id);
  };
  const kept = async (id: string) => {
    const records = await store.readMany([names.client(id), `token of ${id}`]);
    const index = await store.members(names.registrationTokens(id));
    return [...records.map((record) => record !== undefined), index.length > 0];
  };

  it('goes with its token and what finds that, none of which is looked for', async () => {
    const registrations = open();
    await register(registrations, 'first');
    expect(await kept('first')).toEqual([true, true, true]);
    const looks = jest.spyOn(store, 'members');
    await register(registrations, 'second');
    expect(looks).not.toHaveBeenCalled();
    expect([await kept('first'), await kept('second')]).toEqual([Array(3).fill(false), Array(3).fill(true)]);
  });

  it('goes so, too, where a version before noted its place', async () => {
    const registrations = open();
    await register(registrations, 'of before');
    await store.write(names.unusedRegistration(0), JSON.stringify({ entry: 'of before' }), 60);
    await register(registrations, 'newer');
    expect([await kept('of before'), await kept('newer')]).toEqual([Array(3).fill(false), Array(3).fill(true)]);
  });

  it('stays when somebody has signed in for it', async () => {
    const registrations = open();
    await register(registrations, 'used');
    await registrations.signIn('used');
    await register(registrations, 'newer');
    expect(await kept('used')).toEqual([true, true, true]);
  });
});
