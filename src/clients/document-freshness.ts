import type { IncomingHttpHeaders } from 'node:http';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** How long an answer may be used without asking again, in seconds, by its own headers and within our bounds. */
export function freshSecondsOf(headers: IncomingHttpHeaders, { min, max }: Bounds): number {
  const seconds = Math.floor(lifetimeOf(headers)) - numberOf(headers.age);
  return Math.min(max, Math.max(min, seconds));
}

/** RFC 9111 §4.2.1: the store is shared by all nodes, so `s-maxage` comes first; 0 where nothing is said. */
function lifetimeOf(headers: IncomingHttpHeaders): number {
  const control = headers['cache-control'] ?? '';
  if (/\bno-(store|cache)\b/i.test(control)) return 0;
  const age = /\bs-maxage\s*=\s*"?(\d+)/i.exec(control) ?? /\bmax-age\s*=\s*"?(\d+)/i.exec(control);
  if (age) return Number(age[1]);
  const expires = Date.parse(headers.expires ?? '');
  const now = Date.parse(headers.date ?? '');
  return Number.isNaN(expires) ? 0 : (expires - (Number.isNaN(now) ? Date.now() : now)) / 1000;
}

function numberOf(text: string | undefined): number {
  return /^\d+$/.test(text ?? '') ? Number(text) : 0;
}
