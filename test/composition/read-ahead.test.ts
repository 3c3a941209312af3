import { expect, it } from '@jest/globals';
import type { Context } from 'koa';
import { createReadAhead } from '../../src/composition/read-ahead.ts';
import { asOneRequest } from '../../src/storage/index.ts';
import { aStorage } from '../directory/a-directory.ts';

/** Of a request that has begun to read its flow, and of nobody who is signed in. */
it('a flow that has ended since it was read ahead is not there any more', async () => {
  const { store, names, reads } = aStorage();
  const flow = names.model('Interaction', 'a-flow');
  const records = () => [flow];
  const parts = [{ cookieName: () => 'session' }, { names, reads }, { recordsOfFlow: records, recordsToGoOn: records }];
  const { readAhead, readAnew } = createReadAhead(...(parts as unknown as Parameters<typeof createReadAhead>));
  const ctx = { params: { uid: 'a-flow' }, cookies: { get: () => undefined } } as unknown as Context;

  await store.write(flow, '{}', 60);
  const isThere = await asOneRequest(async () => {
    readAhead(ctx);
    const before = await readAnew(ctx);
    readAhead(ctx);
    await store.remove([flow]);
    return [before, await readAnew(ctx)];
  });
  expect(isThere).toEqual([true, false]);
  await store.close();
});
