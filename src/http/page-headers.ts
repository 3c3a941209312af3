/**
 * What every page is sent with. `form-action` names ourselves only, wherever the person is sent afterwards: Chromium
 * applies it to every redirect that follows a form (R104), so no form is answered with a redirect away from here.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
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
