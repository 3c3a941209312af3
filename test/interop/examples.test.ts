import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { hasOwnNetworks, runInOwnNetwork } from '../support/own-network.ts';

const program = fileURLToPath(new URL('../support/use-example.ts', import.meta.url));

describe('the commands of an example, as they stand', () => {
  (hasOwnNetworks ? it : it.skip).each([
    ['mcp-server'],
    ['plugin'],
    ['nginx'],
    ['console', 'grace@example.com', 'http://localhost:4100'],
  ])(
    'print the URL to which a tool connects, on their own ports: %s (skipped where no network can be made: only root may)',
    async (example, ...who) => {
      const said = await runInOwnNetwork(program, `examples/${example}/README.md`, ...who);
      expect(JSON.parse(said)).toEqual({ isSaid: true, refused: 401, status: 200 });
    },
  );
});
