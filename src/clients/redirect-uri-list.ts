import { findRedirectUriError, isHttpsOnLoopback, isNativeRedirectUri, maxRedirectUris } from './redirect-uri.ts';

export interface RedirectUriError {
  /** Which of them; absent: the list. */
  readonly index: number | undefined;
  /** What it must be, as the end of a sentence. */
  readonly sentence: string;
}

/** What is wrong with the redirect URIs of one client, registered or configured (R19, R21); nothing, and it may have them. */
export function findRedirectUriErrors(uris: readonly unknown[]): RedirectUriError[] {
  if (uris.length > maxRedirectUris) {
    return [{ index: undefined, sentence: `must hold at most ${maxRedirectUris} URIs` }];
  }
  const isNative = uris.some((uri) => typeof uri === 'string' && isNativeRedirectUri(uri));
  return uris.flatMap((uri, index) => {
    const sentence = findRedirectUriError(uri) ?? findMixture(String(uri), isNative);
    return sentence === undefined ? [] : [{ index, sentence }];
  });
}

function findMixture(uri: string, isNative: boolean) {
  return isNative && isHttpsOnLoopback(uri) ? 'must not use https on a loopback address' : undefined;
}
