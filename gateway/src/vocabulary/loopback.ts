/**
 * Whether the `hostname` of a URL is this machine, where plain http has no one in between. All four numbers, because
 * `127.evil.example` is a name that anybody may own; `URL` has already made `127.0.0.1` of `127.1`.
 */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
