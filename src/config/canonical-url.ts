import { findCanonicalResource, isLoopbackHost } from '@bkend/mcp-gateway/vocabulary';

/** What is wrong with the issuer of somebody else, who may end it with a slash or spell it as they like. */
export function findForeignIssuerIssue(text: string): string | undefined {
  const issue = findFormIssue(text, 'https://login.example.com');
  if (issue !== undefined) return issue;
  return text.includes('/.well-known/') ? 'must be the issuer itself, not the address of its metadata' : undefined;
}

/** What is wrong with an issuer: it is a public URL that does not end with a slash. */
export function findIssuerIssue(text: string): string | undefined {
  return findFormIssue(text) ?? findSpellingIssue(text, canonicalSpelling(text).replace(/\/+$/, ''));
}

/** What is wrong with a public URL that clients compare byte for byte; nothing when it is right. */
export function findUrlIssue(text: string): string | undefined {
  return findFormIssue(text) ?? findSpellingIssue(text, canonicalSpelling(text));
}

function findFormIssue(text: string, example = 'https://auth.example.com/mcp'): string | undefined {
  const url = URL.parse(text);
  if (!url || !isWebUrl(url)) return `must be an absolute http or https URL, e.g. ${example}`;
  // Before anything that repeats the URL: what stands before the @ may be a password.
  if (hasUserinfo(url)) return 'must not hold a user name or a password';
  // RFC 8414 §2, RFC 8707 §2: neither query nor fragment. A bare `?` leaves `url.search` empty, so look at the text.
  if (/[?#]/.test(text)) return 'must have neither a query nor a fragment';
  if (!isSafeTransport(url)) return 'must begin with https://; http:// is for localhost, 127.0.0.1 and [::1] only';
  return undefined;
}

// Not corrected silently: every client compares metadata, `iss` and configuration byte for byte, and so would keep
// the operator's spelling where we keep ours.
function findSpellingIssue(text: string, right: string): string | undefined {
  if (text === right) return undefined;
  const rule = text === `${right}/` ? 'must not end with a slash' : 'must be in canonical spelling';
  return `${rule}, because clients compare it byte for byte: write ${right}`;
}

// By way of `URL`, which knows what a text with backslashes or one slash was meant to be: the operator is told that.
function canonicalSpelling(text: string): string {
  return findCanonicalResource(new URL(text).href) ?? text;
}

/** A page that a person is sent to: any https URL, or http on this machine. */
export function isSafeLink(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && !/\s/.test(text) && isWebUrl(url) && isSafeTransport(url) && !hasUserinfo(url);
}

function isWebUrl(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:';
}

function isSafeTransport(url: URL): boolean {
  return url.protocol === 'https:' || isLoopbackHost(url.hostname);
}

function hasUserinfo(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}
