/** What every page is sent with. `formActions`: from `formActionFor`, where the browser may go after a form of this page. */
export function pageHeaders({ formActions }: { readonly formActions: readonly string[] }): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(formActions),
    'Cache-Control': 'no-store',
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    // R112: said, because a host's helmet says `same-origin`, which cuts a client's popup off and reads there as "cancelled".
    'Cross-Origin-Opener-Policy': 'unsafe-none',
  };
}

/**
 * The source that lets Chromium follow the redirect after a form post: it applies `form-action` to the whole chain, so
 * `'self'` alone leaves a dead Authorize button. `anyHttps` is for hosted callbacks, which often hop on to another host.
 */
export function formActionFor(redirectUri: string, { anyHttps }: { readonly anyHttps: boolean }): string {
  const url = URL.parse(redirectUri);
  if (!url || NEVER.has(url.protocol)) return "'self'";
  if (url.protocol === 'https:' && anyHttps) return 'https:';
  if (!isWeb(url)) return url.protocol;
  // WHATWG hosts may hold `;`, `,`, `*` and quotes, which end a directive or match every host; and CSP cannot spell IPv6.
  return WRITABLE_HOST.test(url.hostname) ? url.origin : url.protocol;
}

const NEVER = new Set(['about:', 'blob:', 'data:', 'file:', 'filesystem:', 'javascript:', 'vbscript:']);
const WRITABLE_HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;
const SOURCE = /^('self'|[a-z][a-z0-9+.-]*:(\/\/[a-z0-9.-]+(:\d+)?)?)$/;

function isWeb(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:';
}

function contentSecurityPolicy(formActions: readonly string[]): string {
  formActions.forEach(checkSource);
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action ${[...new Set(["'self'", ...formActions])].join(' ')}`,
  ].join('; ');
}

/** A second lock: nothing that could open another directive gets into the header, whoever wrote it. */
function checkSource(source: string): void {
  if (!SOURCE.test(source)) throw new TypeError('a form action must be a scheme or an origin');
}
