import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export async function createCuttableLine(port: number, nearPort = 0) {
  const ends = new Set<Socket>();
  let isCut = false;
  let connections = 0;
  let trap: { readonly text: string; readonly resolve: () => void } | undefined;
  const server = createServer((near) => {
    connections += 1;
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    near.on('data', (chunk: Buffer) => {
      const sprung = trap;
      if (!sprung || !chunk.includes(sprung.text)) return;
      trap = undefined;
      far.unpipe(near).resume();
      far.once('data', () => {
        isCut = true;
        destroyAll();
        sprung.resolve();
      });
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        ends.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(nearPort, '127.0.0.1');
  await once(server, 'listening');
  const destroyAll = () => {
    for (const end of ends) end.destroy();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every connection through it, up to now. */
    get connections() {
      return connections;
    },
    /** Ends what runs; nobody gets through until it is repaired. */
    cut() {
      isCut = true;
      destroyAll();
    },
    repair() {
      isCut = false;
      trap = undefined;
    },
    /** Cuts as soon as the server answers what holds this text: it was done, and nobody hears of it. */
    cutAfter(text: string) {
      const { promise, resolve } = Promise.withResolvers<void>();
      trap = { text, resolve };
      return promise;
    },
    async [Symbol.asyncDispose]() {
      destroyAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A line to a server on this machine that can be cut, as a network does it: without a word. */
export type CuttableLine = Awaited<ReturnType<typeof createCuttableLine>>;
