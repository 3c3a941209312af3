import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestClock, minutes } from '../support/clock.ts';
import { shared } from '../support/shared.ts';
import { openNodes } from './document-cache-fixtures.ts';
import { startWeb, strangers } from './document-web.ts';

const { clock, pass } = createTestClock();
const web = shared(startWeb);
let nodes: ReturnType<typeof openNodes>;
beforeEach(() => {
  nodes = openNodes(web, clock);
  nodes.serveNamed('One');
});
afterEach(() => nodes.store.close());

const load = (of?: string) => nodes.load(nodes.node, of);

/** Eight documents on each host, none of which is answered until `finish`. Goes on when every host was asked for all. */
async function hang(hosts: readonly string[]) {
  const urls = hosts.flatMap((host) => Array.from({ length: 8 }, (_, index) => `https://${host}/${index}.json`));
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: tell } = Promise.withResolvers<void>();
  let arrived = 0;
  for (const each of urls) {
    web.serve(each, (response) => {
      arrived += 1;
      if (arrived === urls.length) tell();
      void released.then(() => response.writeHead(404).end());
    });
  }
  const requests = Promise.allSettled(urls.map((each) => load(each)));
  await reached;
  return {
    async finish() {
      release();
      await requests;
    },
  };
}

const busy = { message: 'too many documents are being fetched', retryAfterSeconds: 3 };

describe('while hosts let us wait', () => {
  it('64 connections are open and no more, old documents are served, and nothing of it is remembered', async () => {
    await nodes.approve();
    await load();
    pass(minutes(5));
    const rush = await hang(strangers);

    const another = 'https://claude.ai/another.json';
    nodes.serveNamed('Two', {}, another);
    await expect(load(another)).rejects.toMatchObject(busy);
    expect(await load()).toBe('One');

    await rush.finish();
    expect(await load(another)).toBe('Two');
  });

  it('one domain has eight of the connections, and others do not notice', async () => {
    const rush = await hang(['stranger0.test']);

    await expect(load('https://stranger0.test/9.json')).rejects.toMatchObject(busy);
    expect(await load()).toBe('One');
    await rush.finish();
  });
});
