import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { loadCookieKeys, loadSigningKeys, loadStoreSecret, type StorageContext } from '../../src/keys/index.ts';
import { createRecordNames, createVault, type Store } from '../../src/storage/index.ts';
import { createSqliteStore } from '../../src/storage/sqlite/index.ts';
import { temporaryFolder } from '../support/process.ts';
import { shared } from '../support/shared.ts';

const folder = shared(temporaryFolder);
let store: Store;
let context: StorageContext;
beforeEach(() => {
  store = createSqliteStore(':memory:');
  context = contextOf('a secret that only tests may know');
});
afterEach(() => store.close());

const mismatch = { code: 'STORE_SECRET_MISMATCH' };

function contextOf(secret: string): StorageContext {
  const vault = createVault(secret);
  return { store, vault, names: createRecordNames('', vault) };
}

describe('signing keys without a file', () => {
  it('are made once and shared by every node, however many start at once', async () => {
    const loaded = await Promise.all(Array.from({ length: 10 }, () => loadSigningKeys(context, undefined)));

    expect(new Set(loaded.map(({ jwks }) => JSON.stringify(jwks))).size).toBe(1);
    expect(loaded[0]).toMatchObject({ algorithm: 'ES256', jwks: { keys: [{ kty: 'EC', use: 'sig' }] } });
  });

  it('are kept encrypted', async () => {
    const { jwks } = await loadSigningKeys(context, undefined);
    const kept = (await store.read(context.names.signingKeys()))?.value ?? '';

    expect(Object.keys(JSON.parse(kept))).toEqual(['sealed']);
    expect(kept).not.toContain(String(jwks.keys[0]?.d));
  });

  it('are not replaced when STORE_SECRET is another one: that is refused', async () => {
    await loadSigningKeys(context, undefined);
    const kept = await store.read(context.names.signingKeys());

    const mistaken = loadSigningKeys(contextOf('another secret, by mistake, of course'), undefined);
    await expect(mistaken).rejects.toMatchObject(mismatch);
    expect(await store.read(context.names.signingKeys())).toEqual(kept);
  });

  it('are refused where another sealed record was put in their place', async () => {
    await loadCookieKeys(context, undefined);
    const cookies = (await store.read(context.names.cookieKeys()))?.value ?? '';
    await store.write(context.names.signingKeys(), cookies);

    await expect(loadSigningKeys(context, undefined)).rejects.toMatchObject(mismatch);
  });
});

describe('signing keys of a file', () => {
  async function fileWith(content: unknown) {
    const file = join(folder.path, 'keys.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }
  async function privateJwk(alg: string) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    return { ...(await exportJWK(privateKey)), alg };
  }

  it('sign in the order of the file, and each has an identifier (RFC 7638)', async () => {
    const [first, second] = [await privateJwk('EdDSA'), { ...(await privateJwk('ES256')), kid: 'old' }];

    const { algorithm, jwks } = await loadSigningKeys(context, await fileWith({ keys: [first, second] }));

    expect(algorithm).toBe('EdDSA');
    expect(jwks.keys.map(({ kid }) => kid)).toEqual([expect.stringMatching(/^[\w-]{43}$/), 'old']);
    expect(await store.read(context.names.signingKeys())).toBeUndefined();
  });

  it.each(['ES256', 'RS256', 'EdDSA', 'ML-DSA-44'])('have the thumbprint of a key of %s that has none', async (alg) => {
    const key = await privateJwk(alg);
    const { jwks } = await loadSigningKeys(context, await fileWith({ keys: [key] }));
    expect(jwks.keys[0]?.kid).toBe(await calculateJwkThumbprint(key));
  });

  it.each([
    ['is not there', undefined, /^SIGNING_KEYS_FILE names a file that cannot be read: .*missing\.json \(ENOENT\)\.$/],
    ['is not JSON', 'secret words', /^SIGNING_KEYS_FILE names a file that is not JSON\.$/],
  ])('that %s are refused in one sentence without its content', async (_name, content, sentence) => {
    const file = content === undefined ? join(folder.path, 'missing.json') : await fileWith(content);

    await expect(loadSigningKeys(context, file)).rejects.toThrow(sentence);
  });
});

describe('cookie keys', () => {
  it('are made once and shared by every node', async () => {
    const loaded = await Promise.all(Array.from({ length: 10 }, () => loadCookieKeys(context, undefined)));

    expect(new Set(loaded.flat()).size).toBe(1);
    expect(loaded[0]?.[0]).toMatch(/^[\w-]{43}$/);
  });

  it('that are configured are taken as they are, and not kept', async () => {
    expect(await loadCookieKeys(context, ['first', 'second'])).toEqual(['first', 'second']);
    expect(await store.read(context.names.cookieKeys())).toBeUndefined();
  });
});

describe('the store secret', () => {
  const database = () => join(folder.path, 'data', 'auth.db');

  it('is made once beside the database, for its owner only', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => loadStoreSecret(database(), async () => false)));

    const file = join(folder.path, 'data', 'store-secret');
    expect(new Set(made)).toEqual(new Set([await readFile(file, 'utf8')]));
    expect(made[0]).toMatch(/^[\w-]{43}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('of a database in memory is kept nowhere', async () =>
    expect(await loadStoreSecret(':memory:', async () => false)).not.toBe(
      await loadStoreSecret(':memory:', async () => false),
    ));
});
