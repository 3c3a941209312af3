import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import QuickLRU from 'quick-lru';
import { isSameSecret } from '../same-secret.ts';

/** What Koa signs cookies with: `app.keys`. */
interface CookieSigner {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
  /** Of the key that has signed it; -1: none of these. */
  index(text: string, signature: string): number;
}

/**
 * Signs and checks as Koa's keygrip 1.1 does with the same keys (HMAC-SHA1, base64url), so that cookies of before stay
 * good: the first key signs, all check. keygrip compares by two more HMACs under a new random key, for each cookie of each
 * request; that was an eighth of what a flow cost (bench/README.md). A browser brings the same few cookies with each
 * request, and each is asked for several times: what was signed or found good lately is not hashed again. What somebody
 * made up is remembered by nobody.
 */
export function createCookieSigner(keys: readonly (string | Buffer)[]): CookieSigner {
  const secrets = keys.map((key) => createSecretKey(Buffer.from(key)));
  const [first] = secrets as [KeyObject, ...KeyObject[]];

  const lately = new QuickLRU<string, string>({ maxSize: 500 });

  function index(text: string, signature: string): number {
    const given = String(signature);
    const known = lately.get(text);
    if (known !== undefined && isSameSecret(given, known)) return 0;
    const signatures = secrets.map((secret) => sign(text, secret));
    const found = signatures.findIndex((signature) => isSameSecret(given, signature));
    if (found === 0) lately.set(text, signatures[0] as string);
    return found;
  }
  return {
    sign(text) {
      const known = lately.get(text);
      if (known !== undefined) return known;
      const signature = sign(text, first);
      lately.set(text, signature);
      return signature;
    },
    verify: (text, signature) => index(text, signature) !== -1,
    index,
  };
}

function sign(text: string, secret: KeyObject): string {
  return createHmac('sha1', secret).update(text).digest('base64url');
}
