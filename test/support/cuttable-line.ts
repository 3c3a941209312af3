import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line to a server on this machine that can be cut, as a network does it: without a word. */
export interface CuttableLine extends AsyncDisposable {
  readonly origin: string;
  /** Every connection through it, up to now. */
  readonly connections: number;
  /** Ends what runs; nobody gets through until it is repaired. */
  cut(): void;
  repair(): void;
}

export async function createCuttableLine(port: number, nearPort = 0): Promise<CuttableLine> {
  const ends = new Set<Socket>();
  let isCut = false;
  let connections = 0;
  const server = createServer((near) => {
    connections += 1;
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
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
    get connections() {
      return connections;
    },
    cut() {
      isCut = true;
      destroyAll();
    },
    repair() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      destroyAll();
      server.close();
      await once(server, 'close');
    },
  };
}
