import { once } from 'node:events';
import { createServer } from 'node:http';
import { followRevocations } from '@bkend/mcp-gateway';
import { createDemonstrationServer } from './demonstration-server.ts';

const { ISSUER = 'http://localhost:3000/mcp', HOST = '127.0.0.1', PORT = '3001', JWKS_URI } = process.env;
const { CLIENT_ID, CLIENT_SECRET, LAZY } = process.env;
const { RESOURCE = `http://localhost:${PORT}/mcp` } = process.env;

// The `client` of this resource in the authorization server's auth.json; without it a revoked token counts until it expires.
const revocations =
  CLIENT_ID && CLIENT_SECRET
    ? followRevocations({
        issuer: ISSUER,
        clientId: CLIENT_ID,
        clientSecret: CLIENT_SECRET,
        onError: ({ message }) => console.log(message),
      })
    : undefined;
await revocations?.ready();

const demonstration = createDemonstrationServer({
  issuer: ISSUER,
  resource: RESOURCE,
  ...(JWKS_URI && { jwksUri: JWKS_URI }),
  ...(revocations && { revocations }),
  isLazy: LAZY === '1',
  onRefusal: ({ code, message }) => console.log(`refused: ${code}: ${message}`),
});
const server = createServer(demonstration.handle);
process.once('SIGTERM', () => {
  revocations?.close();
  server.close();
});
server.listen(Number(PORT), HOST);
await once(server, 'listening');
console.log(`MCP server at ${RESOURCE}, people sign in at ${ISSUER}`);
