/**
 * What every page is sent with. `form-action` names ourselves, wherever the person is sent afterwards: Chromium applies it
 * to every redirect that follows a form (R104), so no form is answered with a redirect to a client. `signIn`: the address
 * where people sign in, when that is elsewhere, since a form may lead to it when the sign-in has become too old.
 */
export function pageHeaders({ signIn }: { readonly signIn?: string | undefined }): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      `form-action ${["'self'", ...(signIn === undefined ? [] : [formActionFor(signIn)])].join(' ')}`,
    ].join('; '),
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

/** WHATWG hosts may hold `;`, `,`, `*` and quotes, which end a directive or match every host; and CSP cannot spell IPv6. */
function formActionFor(signIn: string): string {
  const { origin, hostname, protocol } = new URL(signIn);
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(hostname) ? origin : protocol;
}
