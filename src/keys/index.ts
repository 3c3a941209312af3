/**
 * Which keys this server signs and encrypts with, and where they come from: a setting, a file, or made once and kept
 * in the store, encrypted with `STORE_SECRET`. Does not know what is signed. The composition root loads keys once, at the start.
 */
export { loadCookieKeys } from './cookie-keys.ts';
export { createCookieSigner } from './cookie-signer.ts';
export { findKeyIssues } from './key-issues.ts';
export { createOwnKeySet } from './public-keys.ts';
export { createSigningKey, createSignJwt } from './signing-key.ts';
export { loadSigningKeys, type SigningKeys, type StorageContext } from './signing-keys.ts';
export { checkStoreSecret, loadStoreSecret, StoreSecretLost } from './store-secret.ts';
