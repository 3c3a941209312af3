import { fileURLToPath } from 'node:url';
import { createAuthorizationServer } from '../../src/app.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createLocalDirectory, type PasswordHasher } from '../../src/directory/index.ts';
import { createRecordNames, createRequestReads, createVault, openStore } from '../../src/storage/index.ts';
import { withHighLimits } from '../high-limits.ts';
import { emailOf, password, people } from '../people.ts';
import { redisUrl, serve } from './serve.ts';

/** Password hashing is left out on both sides: it is meant to be slow, and would hide everything else. */
const withoutHashing: PasswordHasher = {
  hashPassword: async (text) => text,
  verifyPassword: async (text, stored) => text === stored,
  verifyAgainstNobody: async () => false,
  needsRehash: () => false,
};

/** The whole service as it ships, on Redis; only the passwords are not hashed. */
serve(async (origin) => {
  const storeSecret = 'known to this benchmark and to nobody else';
  const issuer = `${origin}/mcp`;
  const config = loadConfig({
    NODE_ENV: 'development',
    ISSUER: issuer,
    REDIS_URL: redisUrl,
    STORE_SECRET: storeSecret,
    CONFIG_FILE: fileURLToPath(new URL('../../config/auth.json', import.meta.url)),
    DEMO: '0',
    LOG_LEVEL: 'warn',
  });
  const vault = createVault(storeSecret);
  const names = createRecordNames(config.store.kind === 'redis' ? config.store.prefix : '', vault);
  const store = openStore(config.store, (error) => process.stderr.write(`${error.message}\n`));
  const directory = createLocalDirectory(
    { store, names, reads: createRequestReads(store), hash: vault.hash },
    withoutHashing,
  );
  const { id: organizationId } = await directory.createOrganization({ slug: 'acme', name: 'Acme Corp' });
  for (let person = 0; person < people; person += 1) {
    const memberships = [{ organizationId, role: 'member' }];
    await directory.createAccount({ email: emailOf(person), name: 'Ada Lovelace', password, memberships });
  }
  const server = await createAuthorizationServer(withHighLimits(config), { store, passwords: withoutHashing });
  return {
    listener: server.callback(),
    endpoints: {
      register: `${issuer}/oauth/register`,
      authorize: `${issuer}/oauth/authorize`,
      token: `${issuer}/oauth/token`,
      resource: issuer,
    },
  };
});
