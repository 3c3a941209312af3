import { once } from 'node:events';
import { createConsole } from './console.ts';

const { ISSUER = 'http://localhost:3000/mcp', HOST = '127.0.0.1', PORT = '4100' } = process.env;
// The same as in auth.json. Never a secret of yours: this one is known to everybody.
const { CLIENT_ID = 'example-console', CLIENT_SECRET = 'a secret that only this example may know' } = process.env;
const { ORIGIN = `http://localhost:${PORT}` } = process.env;

const { app } = createConsole(ORIGIN, { issuer: ISSUER, client: CLIENT_ID, secret: CLIENT_SECRET });
const server = app.listen(Number(PORT), HOST);
process.once('SIGTERM', () => server.close());
await once(server, 'listening');
console.log(`Console at ${ORIGIN}: ada@example.com (owner of Acme Corp), password demo-password`);
