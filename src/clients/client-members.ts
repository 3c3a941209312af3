import { maxUriLength } from './redirect-uri.ts';

/** What is left of a member that only informs: something useful, or nothing. Never an error (R16). */
type Normalise = (value: unknown) => unknown;

/** Software names and versions are compared, not shown. */
const maxTextLength = 200;
const maxContacts = 10;
const email = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+$/;

/** Members of RFC 7591 §2 that say something about a client and change nothing of what it may do. */
export const normaliseByMember: Readonly<Record<string, Normalise>> = {
  client_uri: normaliseUrl,
  logo_uri: normaliseUrl,
  policy_uri: normaliseUrl,
  tos_uri: normaliseUrl,
  contacts: normaliseContacts,
  software_id: normaliseText,
  software_version: normaliseText,
  jwks_uri: normaliseUrl,
  jwks: normaliseKeySet,
};

/** An https URL that clients' own schemas accept as well. */
function normaliseUrl(value: unknown) {
  if (typeof value !== 'string') return undefined;
  const url = value.trim();
  const isWhole = /^https:\/\/[\x21-\x7e]+$/i.test(url) && url.length <= maxUriLength;
  const parsed = isWhole ? URL.parse(url) : null;
  return parsed && !parsed.username && !parsed.password ? url : undefined;
}

function normaliseContacts(value: unknown) {
  if (!Array.isArray(value)) return undefined;
  const addresses = value.filter((each) => typeof each === 'string').map((each) => each.trim());
  return [...new Set(addresses.filter((each) => each.length <= 254 && email.test(each)))].slice(0, maxContacts);
}

function normaliseText(value: unknown) {
  if (typeof value !== 'string') return undefined;
  return Array.from(
    value
      .toWellFormed()
      .replace(/\p{Cc}/gu, '')
      .trim(),
  )
    .slice(0, maxTextLength)
    .join('')
    .trim();
}

/** What is in the keys is the provider's to check; a set that is none is left out. */
function normaliseKeySet(value: unknown) {
  const keys = (value as { keys?: unknown } | null | undefined)?.keys;
  return Array.isArray(keys) && keys.length > 0 ? value : undefined;
}

/** A list of URIs without what is empty, and without the blanks around one (R16); the rest is for the rules to judge. */
export function normaliseUris(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const uris = value.map((each) => (typeof each === 'string' ? each.trim() : each));
  return uris.filter((each) => each !== null && each !== '');
}
